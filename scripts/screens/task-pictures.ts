import { expect } from './expect.ts'
import type { Home } from '../../e2e/home.ts'
import { TaskDrawer } from '../../e2e/task-drawer.ts'
import { type Camera, NARROW } from './camera.ts'
import { idOf } from './stage.ts'

/** The drawer: a task, its runs, and their results. */
export async function takeTask(camera: Camera, home: Home): Promise<void> {
  const place = async (title: string, run = '') => `/board/demo/task/${await idOf(home, title)}${run}`
  const retried = 'Fix the flaky login test'
  const twoRuns = (drawer: TaskDrawer) => expect(drawer.rows).toHaveCount(2)

  await camera.take('task', await place(retried), (page) => twoRuns(new TaskDrawer(page)))
  await camera.take('task-narrow', await place(retried), (page) => twoRuns(new TaskDrawer(page)), {
    size: NARROW,
  })
  await camera.take('task-run', await place(retried, '/run/1'), (page) =>
    expect(new TaskDrawer(page).log(1)).toContainText('connection refused'),
  )
  await camera.take('task-handoff', await place(retried, '/run/2'), async (page) => {
    await expect(await new TaskDrawer(page).tab(2, 'Summary')).toContainText('session store')
  })
  await camera.take('task-what-changed', await place(retried, '/run/2'), async (page) => {
    const changed = await new TaskDrawer(page).tab(2, 'Changes')
    await expect(changed).toContainText('connection refused')
    await changed.scrollIntoViewIfNeeded()
  })
  await camera.take('task-given', await place(retried, '/run/2'), async (page) => {
    const given = await new TaskDrawer(page).tab(2, 'Prompt')
    await expect(given).toContainText('Prior attempts')
    await given.scrollIntoViewIfNeeded()
  })
  await camera.take('task-question', await place('Choose a name for the export command'), (page) =>
    expect(new TaskDrawer(page).verdict.getByRole('textbox', { name: 'Your answer' })).toBeVisible(),
  )
  await camera.take('task-gave-up', await place('Upload the coverage report'), (page) =>
    expect(new TaskDrawer(page).verdict).toContainText(/will not retry/i),
  )
  await camera.take(
    'task-timed-out',
    await place('Profile the importer on the large data set', '/run/1'),
    (page) => expect(new TaskDrawer(page).verdict).toContainText(/timed out|time/),
  )
  await camera.take('task-running', await place('Build the image for arm64', '/run/1'), (page) =>
    expect(new TaskDrawer(page).log(1)).toContainText('Step 2/6'),
  )
  await camera.take('task-review', await place('Rewrite the installation guide'), (page) =>
    expect(new TaskDrawer(page).verdict).toContainText('asks for a review'),
  )
  await camera.take('task-gone', '/board/demo/task/t_00000000', (page) =>
    expect(page.getByRole('heading', { name: 'Task not found' })).toBeVisible(),
  )
}
