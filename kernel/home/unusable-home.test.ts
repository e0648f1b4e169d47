import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openKernel } from '../index.ts'
import { REPORTER } from '../testing/reporter.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'

it.each(['with:colon', 'with\nbreak'])(
  'E4: a home named %j is refused with the reason, and not created',
  (name) => {
    const home = join(temporaryFolder(), name)
    expect(() => openKernel({ home })).toThrow(/cannot be used: .* Name another folder/)
    expect(existsSync(home)).toBe(false)
  },
)

it.each(['with space', `it's "quoted"`, '-dash', 'ünïcode ✓', '$HOME `id`', '100%'])(
  'E4: workers find runboard in a home named %j',
  async (name) => {
    const kernel = openKernel({ home: join(temporaryFolder(), name), cli: REPORTER })
    cleanUp(() => kernel.close())
    const ada = { actor: 'ada', trigger: 'human', board: 'test' } as const
    await kernel.call('board.create', { slug: 'test' }, ada)
    await kernel.call('profile.add', { name: 'coder', shell: `runboard complete '{"summary":"found"}'` }, ada)
    const { task } = await kernel.call('task.create', { title: 'x', assignee: 'coder' }, ada)
    await kernel.call('dispatcher.dispatch', { wait: true }, ada)
    expect((await kernel.call('task.show', { id: task.id }, ada)).task).toMatchObject({ status: 'done' })
  },
)
