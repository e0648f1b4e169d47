import { expect } from './expect.ts'
import type { Home } from '../../e2e/home.ts'

const ON_DEMO = ['--board', 'demo'] as const

/** In addition to the demo: workers that run until the pictures are taken, a review, and tasks that wait. */
export async function addTasks(home: Home): Promise<void> {
  const building = [
    'echo "\\033[1mStep 1/6\\033[0m resolving packages"',
    'echo "\\033[1mStep 2/6\\033[0m compiling 214 modules"',
    'echo "\\033[33mwarning\\033[0m unused import: std::fs in src/importer.rs"',
    'runboard heartbeat --note "compiling, 140 of 214 modules"',
    home.gate('never'),
  ]
  await home.addProfile('builder', building.join('\n'), '--description', 'Builds the images')
  const draft = 'runboard request-review --summary "A first version of the guide: three pages, two pictures."'
  await home.addProfile(
    'writer',
    `echo "reading the sources"; ${draft}`,
    '--description',
    'Writes for people',
  )
  const create = (title: string, ...flags: string[]) => home.create(title, ...flags, ...ON_DEMO)
  const image = await create('Build the image for arm64', '--assignee', 'builder', '--priority', '4')
  const guide = await create('Rewrite the installation guide', '--assignee', 'writer', '--tenant', 'release')
  await create('Sign the packages', '--assignee', 'builder', '--not-before', '+8h')
  const move = await create('Move the website to the new host', '--assignee', 'builder', '--hold')
  const publish = await create('Publish the release', '--parent', image, '--parent', guide)
  await create('Tell the subscribers', '--parent', publish)
  await create('Switch the domain over', '--parent', move, '--parent', publish)
}

export async function idOf(home: Home, title: string): Promise<string> {
  const { tasks } = await home.cli.json<{ tasks: { id: string; title: string }[] }>('list', ...ON_DEMO)
  const found = tasks.find((task) => task.title === title)
  if (found === undefined) throw new Error(`There is no task “${title}”`)
  return found.id
}

/** Waits until the demo has finished. */
export async function atRest(home: Home): Promise<void> {
  const states = async () => {
    const { tasks } = await home.cli.json<{ tasks: { status: string }[] }>('list', ...ON_DEMO)
    const count = (status: string) => tasks.filter((task) => task.status === status).length
    return [count('done'), count('blocked'), count('review')]
  }
  await expect.poll(states, { timeout: 90_000 }).toEqual([4, 3, 1])
}
