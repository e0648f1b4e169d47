import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../../e2e/home.ts'
import { type Kernel, openKernel } from '../../kernel/index.ts'

const person = { actor: 'bench', trigger: 'human', board: 'work' } as const

/** The tasks of the board on which the screens are measured. */
export interface BigBoard {
  /** The ready tasks, in order. */
  ready: string[]
  /** The task with many runs, whose last run has a long log. */
  heavy: string
}

export const RUNS = 200
export const LOG_BYTES = 20_000_000

/**
 * Fills the board `work` of a home: 70 % of the tasks are ready, 10 % wait for another, 10 % are blocked and 10 % are
 * done. One more task has many runs, and a log of the maximum length.
 *
 * @param size how many cards
 */
export async function fillBoard(home: string, size: number): Promise<BigBoard> {
  const kernel = openKernel({ home })
  try {
    const ready: string[] = []
    for (let n = 0; n < size; n++) {
      const { task } = await kernel.call('task.create', newTask(n, ready.at(-1)), person)
      if (n % 10 === 8) await kernel.call('task.block', { id: task.id, reason: `Which of ${n}?` }, person)
      else if (n % 10 === 9) await kernel.call('task.complete', { id: task.id, summary: 'Done' }, person)
      else if (n % 10 !== 7) ready.push(task.id)
    }
    return { ready, heavy: await makeHeavy(kernel) }
  } finally {
    await kernel.close()
  }
}

function newTask(n: number, parent: string | undefined) {
  const words = ['Mend', 'Write', 'Measure', 'Move', 'Name'][n % 5] ?? ''
  return {
    title: `${words} part ${n} of the importer, and say what was left out`,
    priority: n % 4,
    tenant: n % 3 === 0 ? 'web' : null,
    parents: n % 10 === 7 && parent !== undefined ? [parent] : [],
  }
}

/** Its runs ask and are answered; the last one, a real process, fills its log. */
async function makeHeavy(kernel: Kernel): Promise<string> {
  const line =
    '2026-11-22 12:00:00 importer: row 00000000 of the large file was read and kept, checksum e2b1c9'
  const shell = `yes '${line}' | head -c ${LOG_BYTES}; echo; runboard complete --summary "All of it is read"`
  await kernel.call('profile.add', { name: 'wordy', shell, stdin: 'none', completion: 'exit-code' }, person)
  const { task } = await kernel.call('task.create', { title: 'The task with a long history' }, person)
  for (let attempt = 1; attempt < RUNS; attempt++) {
    const { claim, run } = await kernel.call('task.claim', { id: task.id }, person)
    const worker = { task_id: task.id, run_id: run.id, claim, profile: run.profile, board: 'work' }
    const caller = { actor: 'worker', trigger: 'cli', worker } as const
    await kernel.call('task.block', { id: task.id, reason: `Question ${attempt}: which file?` }, caller)
    await kernel.call('task.unblock', { id: task.id, answer: `File ${attempt}` }, person)
  }
  await kernel.call('task.assign', { id: task.id, assignee: 'wordy' }, person)
  await kernel.call('dispatcher.dispatch', { wait: true }, person)
  return task.id
}

/** The lines that a worker changes in one file. */
const CHANGED_LINES = 5000

/** Makes a board on a repository, with a task in review that changes every line of a long file. @returns its id */
export async function fillLongDiff(home: Home): Promise<string> {
  const project = join(home.path, 'long')
  mkdirSync(project)
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: project })
  const text = (value: string) =>
    Array.from({ length: CHANGED_LINES / 2 }, (_, n) => `export const value${n} = ${value} + ${n}\n`).join('')
  git('init', '-q', '-b', 'main')
  writeFileSync(join(project, 'long.ts'), text('1'))
  git('add', '.')
  git('commit', '-q', '-m', 'Begin')
  writeFileSync(join(home.path, 'long.ts'), text('2'))
  await home.cli('boards', 'create', 'long', '--project', project)
  const work = 'cp "$RUNBOARD_HOME/long.ts" long.ts; runboard request-review --summary "Longer"'
  await home.addProfile('long', work)
  const flags = ['--workspace', 'worktree', '--board', 'long'] as const
  const id = await home.create('Change every line', '--assignee', 'long', ...flags)
  await home.cli('dispatch', '--wait', '--board', 'long')
  return id
}
