// Rates of the kernel's operations at 1,000, 10,000 and 100,000 tasks, each compared with the bare SQL transactions on
// the same file in the same run. Limits (design §10): claim and complete reach at least half the bare rate, and every
// operation is flat over the sizes: at a hundred thousand tasks it takes at most 1.5 times as long as at a thousand.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKernel } from '../kernel/index.ts'
import { BareBoard } from './shared/bare.ts'
import { median, ms, publish, rate, table } from './shared/report.ts'

const SIZES = [1_000, 10_000, 100_000]
const ROUNDS = 6
const BATCH = 25
const OPERATIONS = ['create', 'claim', 'complete', 'delta'] as const
type Operation = (typeof OPERATIONS)[number]
/** Milliseconds per operation. */
type Times = Record<Operation, { kernel: number; bare: number }>

const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const

async function measure(size: number): Promise<Times> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const kernel = openKernel({ home, env: {} })
  const { board } = await kernel.call('board.create', { slug: 'bench' }, caller)
  const bare = new BareBoard(join(board.path, 'board.db'))
  const ready = bare.fill(size)
  const next = () => ready.pop() ?? fail('there are not enough ready tasks')
  const times = Object.fromEntries(
    OPERATIONS.map((name) => [name, { kernel: [], bare: [] }]),
  ) as unknown as Record<Operation, { kernel: number[]; bare: number[] }>
  const time = async (
    name: Operation,
    who: 'kernel' | 'bare',
    body: (nth: number) => unknown,
  ): Promise<void> => {
    const before = performance.now()
    for (let nth = 0; nth < BATCH; nth++) await body(nth)
    times[name][who].push((performance.now() - before) / BATCH)
  }

  // The first round warms up caches and compilers, and does not count.
  for (let round = 0; round <= ROUNDS; round++) {
    if (round === 1) for (const name of OPERATIONS) times[name] = { kernel: [], bare: [] }
    const [mine, theirs] = [Array.from({ length: BATCH }, next), Array.from({ length: BATCH }, next)]
    const runs: number[] = []
    await time('create', 'kernel', () =>
      kernel.call('task.create', { title: 'A task', assignee: 'coder' }, caller),
    )
    await time('create', 'bare', () => bare.create())
    await time('claim', 'kernel', (nth) => kernel.call('task.claim', { id: mine[nth] ?? '' }, caller))
    await time('claim', 'bare', (nth) => runs.push(bare.claim(theirs[nth] ?? '')))
    await time('complete', 'kernel', (nth) =>
      kernel.call('task.complete', { id: mine[nth] ?? '', summary: 'Done' }, caller),
    )
    await time('complete', 'bare', (nth) => bare.complete(theirs[nth] ?? '', runs[nth] ?? 0))
    // What one completion changes: a card, and the cards that waited for it.
    const before = bare.cursor()
    await kernel.call('task.complete', { id: next(), summary: 'Done' }, caller)
    await time('delta', 'kernel', () => kernel.call('board.changes', { since: before }, caller))
    await time('delta', 'bare', () => bare.delta(before))
  }

  bare.close()
  await kernel.close()
  rmSync(home, { recursive: true, force: true })
  return Object.fromEntries(
    OPERATIONS.map((name) => [name, { kernel: median(times[name].kernel), bare: median(times[name].bare) }]),
  ) as Times
}

function fail(message: string): never {
  throw new Error(message)
}

const results = new Map<number, Times>()
for (const size of SIZES) {
  console.log(`${size.toLocaleString('en-US')} tasks …`)
  results.set(size, await measure(size))
}

const at = (size: number, name: Operation) => results.get(size)?.[name] ?? fail('not measured')
const [smallest = 0, largest = 0] = [SIZES[0], SIZES.at(-1)]
const head = ['operation', 'tasks', 'kernel ms', 'kernel /s', 'bare SQL ms', 'of the bare rate']
const rows = OPERATIONS.flatMap((name) =>
  SIZES.map((size) => {
    const { kernel, bare } = at(size, name)
    return [
      name,
      size.toLocaleString('en-US'),
      ms(kernel),
      rate(kernel),
      ms(bare),
      (bare / kernel).toFixed(2),
    ]
  }),
)
const pair = (size: number, who: 'kernel' | 'bare') => at(size, 'claim')[who] + at(size, 'complete')[who]
const flat = OPERATIONS.map((name) => [
  name,
  (at(largest, name).kernel / at(smallest, name).kernel).toFixed(2),
])

publish(
  'kernel',
  [
    '## The kernel beside bare SQL',
    '',
    'A board with four of ten tasks ready and six of ten waiting for one of them. Each operation goes through',
    '`kernel.call`, with its checks, its guards and its events; beside it the same rows are written and read by prepared',
    'statements and nothing else, in turn, on the same file.',
    '',
    table([head, ...rows]),
    '',
    `Claim and complete together, of the bare rate (at least 0.50): ${SIZES.map((size) => `${(pair(size, 'bare') / pair(size, 'kernel')).toFixed(2)} at ${size.toLocaleString('en-US')}`).join(', ')}.`,
    '',
    `What ${largest.toLocaleString('en-US')} tasks cost, of what ${smallest.toLocaleString('en-US')} cost (at most 1.50):`,
    '',
    table([['operation', 'ratio'], ...flat]),
  ].join('\n'),
)
