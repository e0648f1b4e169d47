import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectAftermath, noteResult } from '../testing/aftermath.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { until } from '../testing/setup.ts'

/** A shell line by which a worker replaces its log, and what a person then reads in the log. */
const REPLACED: Record<string, { by: string; said: RegExp }> = {
  'a folder': { by: 'mkdir "$L"', said: /is a folder, not a file/ },
  'a loop of links': { by: 'ln -s "$L" "$L"', said: /is a link, not a file/ },
  'a link to a device': { by: 'ln -s /dev/zero "$L"', said: /is a link, not a file/ },
  'a FIFO': { by: 'mkfifo "$L"', said: /is a FIFO, not a file/ },
  'a socket': {
    by: `"$NODE" -e 'require("net").createServer().listen(process.argv[1],()=>process.kill(process.pid,9))' "$L"`,
    said: /is a socket, not a file/,
  },
}
const replaceBy = (by: string) =>
  `L="$RUNBOARD_HOME/boards/test/logs/$RUNBOARD_TASK/$RUNBOARD_RUN.log"; NODE='${process.execPath}'; echo begin; rm "$L"; ${by}`
const EXITS = { completion: 'exit-code' } as const

const isFifo = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFIFO() === true

async function runsOf(bundle: WorkerSetup, line: string, fields = {}) {
  await bundle.profile('w', line, { ...EXITS, failure_limit: 1, ...fields })
  const { id } = await bundle.create({ assignee: 'w' })
  await bundle.drain()
  const [run] = await bundle.runs(id)
  if (run === undefined) throw new Error('nothing was run')
  return { id, run }
}

describe('X10: a worker that replaces its log', () => {
  it.each(Object.entries(REPLACED))('by %s ends, and its history says so', async (_name, { by, said }) => {
    const bundle = await setupWorkers()
    const { id, run } = await runsOf(bundle, `${replaceBy(by)}; ${noteResult(bundle)}`)
    expect(run.outcome).toBe('completed')
    expect(run.summary).toMatch(said)
    const refusal = await bundle.refused('CONFLICT', 'task.log', { id })
    expect(refusal.message).toMatch(said)
    expect((await bundle.call('worker.list', {})).workers).toEqual([])
    await expectAftermath(bundle)
    bundle.reports.splice(0)
  })

  it('and fails, ends with an error that says so', async () => {
    const bundle = await setupWorkers()
    const { run } = await runsOf(bundle, `${replaceBy('mkfifo "$L"')}; exit 3`)
    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 3 })
    expect(run.error).toMatch(/^It exited with 3\.\nIts output cannot be read: .* is a FIFO, not a file\.$/)
    bundle.reports.splice(0)
  })

  it('by nothing ends like one without output', async () => {
    const bundle = await setupWorkers()
    const { id, run } = await runsOf(bundle, `${replaceBy('true')}; exit 3`)
    expect(run.error).toBe('It exited with 3. It wrote nothing.')
    expect(await bundle.call('task.log', { id })).toMatchObject({ content: '', size: 0 })
  })

  it('by a FIFO in each of ten runs does not block the process', async () => {
    const bundle = await setupWorkers()
    const wait = bundle.gate('go')
    await bundle.profile('w', `${replaceBy('mkfifo "$L"')}; ${wait}`, EXITS)
    for (let n = 0; n < 10; n++) await bundle.create({ assignee: 'w' })
    const drained = bundle.drain()
    await until(() => runFifos(bundle) > 0, 'a log to be replaced')
    const { workers } = await bundle.call('worker.list', {})
    expect(workers.map(({ last_output }) => last_output ?? '').join()).toMatch(/is a FIFO/)
    await bundle.call('diagnostics.list', {})
    bundle.open('go')
    await drained
    bundle.reports.splice(0)
  })

  function runFifos({ home }: WorkerSetup): number {
    const logs = join(home, 'boards/test/logs')
    if (!existsSync(logs)) return 0
    return readdirSync(logs, { recursive: true }).filter((file) => isFifo(join(logs, String(file)))).length
  }
})

describe('X26: a log that is a second name of a user’s file', () => {
  const MIB30 = 30 * 1024 * 1024

  it.each([
    ['a link', 'ln -s'],
    ['a hard link', 'ln'],
  ])('%s, is never cut', async (_name, link) => {
    const bundle = await setupWorkers()
    const users = bundle.path('diary')
    writeFileSync(users, Buffer.alloc(MIB30, 'dear diary\n'))
    await runsOf(bundle, `${replaceBy(`${link} '${users}' "$L"`)}; sleep 0.3`)
    expect(statSync(users).size).toBe(MIB30)
    bundle.reports.splice(0)
  })

  it('under the names of a later run is left alone, and the earlier file is kept', async () => {
    const bundle = await setupWorkers()
    const users = bundle.path('diary')
    writeFileSync(users, 'dear diary\n')
    await bundle.profile('w', 'cat; echo mine', { ...EXITS, stdin: 'context' })
    const { id } = await bundle.create({ assignee: 'w', title: 'What to do' })
    const files = bundle.board.runFiles(id, 1)
    symlinkSync(users, files.log_path)
    linkSync(users, files.context_path)
    symlinkSync(users, files.exit_path)
    await bundle.drain()
    const [run] = await bundle.runs(id)
    expect(run).toMatchObject({ outcome: 'completed', summary: 'mine' })
    expect(readFileSync(users, 'utf8')).toBe('dear diary\n')
    expect(readFileSync(run!.log_path!, 'utf8')).toMatch(/What to do[^]*mine\n$/)
    expect(readdirSync(dirname(files.log_path))).toContain('1.log.old-1')
  })
})

it.each(['mkfifo "$E"', 'mkdir "$E"', 'ln -s /dev/full "$E"', 'echo 0 >"$E"'])(
  'X10: a worker that does %s at the path of its exit status still ends',
  async (plant) => {
    const bundle = await setupWorkers()
    const at = 'E="$RUNBOARD_HOME/boards/test/logs/$RUNBOARD_TASK/$RUNBOARD_RUN.exit"'
    const { run } = await runsOf(bundle, `${at}; ${plant}; echo over; exit 4`)
    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 4 })
    await expectAftermath(bundle)
  },
)

it('X6: explains SIGXFSZ for a worker whose file outgrew its limit while no dispatcher ran', async () => {
  const bundle = await setupWorkers()
  const { run } = await runsOf(bundle, `ulimit -f 64; exec yes`)
  expect(run).toMatchObject({ outcome: 'crashed', signal: 'SIGXFSZ' })
  expect(run.error).toMatch(
    /^It was killed by SIGXFSZ\. A file that it wrote, its log or another one, became larger/,
  )
})

it('X6: gives a worker a soft limit on file size that it may raise', async () => {
  const bundle = await setupWorkers()
  const { run } = await runsOf(bundle, 'echo "$(ulimit -S -f) $(ulimit -H -f)"')
  expect(run.summary).toMatch(/^\d{7,} unlimited$/)
})
