// Measures workflows at 1,000 and 100,000 tasks: a completion that moves a card to its next step, compared with one without
// a workflow; and a map step that makes the cards of 1,000 items in one transaction. Limits: the step takes at most twice
// the time of the plain completion; at 100,000 tasks each takes at most 1.5 times as long as at 1,000; and the 1,000 items
// take at most one second.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKernel } from '../kernel/index.ts'
import { BareBoard } from './shared/bare.ts'
import { median, ms, publish, table } from './shared/report.ts'

const SIZES = [1_000, 100_000] as const
const ROUNDS = 6
const BATCH = 25
const ITEMS = 1_000

const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const

const STEPS = `runboard: 1
name: steps
title: Steps
steps:
  - {key: make, kind: work, profile: coder, prompt: Make it., on: {done: look}}
  - {key: look, kind: work, profile: coder, prompt: Look at it., on: {done: over}}
  - {key: over, kind: end, state: succeeded}
`
const MANY = `runboard: 1
name: many
title: Many
workspace: scratch
inputs: {parts: {type: list, required: true}}
steps:
  - key: each
    kind: map
    over: inputs.parts
    do: {profile: coder, prompt: "Make {{item}}"}
    max_items: ${ITEMS}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`

/** Median times in milliseconds: `complete` and `advance` of one call, `map` of a start with 1,000 items. */
interface Times {
  complete: number
  advance: number
  map: number
}

async function measure(size: number): Promise<Times> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const kernel = openKernel({ home, env: {} })
  const { board } = await kernel.call('board.create', { slug: 'bench' }, caller)
  await kernel.call('profile.add', { name: 'coder', shell: 'true' }, caller)
  for (const file of [STEPS, MANY]) await kernel.call('workflow.add', { file }, caller)
  const bare = new BareBoard(join(board.path, 'board.db'))
  bare.fill(size)
  bare.close()
  const times: Record<keyof Times, number[]> = { complete: [], advance: [], map: [] }

  /** Claims new tasks, and measures how long it takes to complete each. */
  const completions = async (workflow: string | null): Promise<number> => {
    const ids: string[] = []
    for (let n = 0; n < BATCH; n++) {
      const input = {
        title: 'A task',
        assignee: 'coder',
        ...(workflow === null ? {} : { workflow_template_id: workflow }),
      }
      const { task } = await kernel.call('task.create', input, caller)
      await kernel.call('task.claim', { id: task.id }, caller)
      ids.push(task.id)
    }
    const before = performance.now()
    for (const id of ids) await kernel.call('task.complete', { id, summary: 'Done' }, caller)
    return (performance.now() - before) / BATCH
  }

  // The first round warms up caches and compilers, and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    const [complete, advance] = [await completions(null), await completions('steps')]
    const { task } = await kernel.call('task.create', { title: 'Many' }, caller)
    const parts = Array.from({ length: ITEMS }, (_, n) => `part ${n}`)
    const before = performance.now()
    await kernel.call('workflow.start', { id: task.id, name: 'many', inputs: { parts } }, caller)
    const map = performance.now() - before
    if (round === 0) continue
    times.complete.push(complete)
    times.advance.push(advance)
    times.map.push(map)
  }
  await kernel.close()
  rmSync(home, { recursive: true, force: true })
  return { complete: median(times.complete), advance: median(times.advance), map: median(times.map) }
}

const results: [number, Times][] = []
for (const size of SIZES) {
  console.log(`${size.toLocaleString('en-US')} tasks …`)
  results.push([size, await measure(size)])
}

const [[, small], [, large]] = results as [[number, Times], [number, Times]]
const flat = (name: keyof Times) => (large[name] / small[name]).toFixed(2)

publish(
  'workflows',
  [
    '## Workflows',
    '',
    'A completion that ends a card, one that moves a card to the next step of its workflow, and the start of a card at a map',
    `step, which makes ${ITEMS.toLocaleString('en-US')} cards with their walks in one transaction (at most 1,000 ms).`,
    '',
    table([
      ['tasks', 'complete ms', 'advance ms', 'advance / complete', `map of ${ITEMS} ms`],
      ...results.map(([size, { advance, complete, map }]) => [
        size.toLocaleString('en-US'),
        ms(complete),
        ms(advance),
        (advance / complete).toFixed(2),
        ms(map),
      ]),
    ]),
    '',
    `Time at 100,000 tasks, divided by the time at 1,000 tasks (at most 1.50): complete ${flat('complete')}, advance ${flat('advance')}, map ${flat('map')}.`,
  ].join('\n'),
)
