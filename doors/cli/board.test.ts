import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { posixLine } from '../../kernel/testing/posix-line.ts'
import { Memory, type Ran, runCli, type Surroundings } from './test-run.ts'

/** The command line on a real board, in a home of its own. */
let home: string
beforeEach(() => {
  // A backslash means something else to a shell.
  home = mkdtempSync(join(tmpdir(), 'runboard-cli-')).replaceAll('\\', '/')
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function runboard(argv: string[], surroundings: Surroundings = {}): Promise<Ran> {
  const env = { RUNBOARD_HOME: home, PATH: process.env['PATH'], USER: 'ada', ...surroundings.env }
  return runCli(argv, { cwd: home, ...surroundings, env })
}

/** As `runboard`, for commands that must succeed. */
async function done(...argv: string[]): Promise<Ran> {
  const ran = await runboard(argv)
  expect({ argv, code: ran.code, stderr: ran.stderr }).toEqual({ argv, code: 0, stderr: '' })
  return ran
}

/** Surroundings for a verb that runs until stopped: aborted once it has printed `what`. */
function until(what: string): Surroundings {
  const stdout = new Memory()
  const ending = new AbortController()
  void stdout.until(what).then(() => {
    ending.abort()
  })
  return { stdout, signal: ending.signal }
}

async function create(...argv: string[]): Promise<string> {
  const { stdout } = await done('create', ...argv)
  expect(stdout).toMatch(/^t_[0-9a-f]{8}\n$/)
  return stdout.trim()
}

async function refused(code: string, ...argv: string[]): Promise<Ran> {
  const ran = await runboard([...argv, '--json'])
  expect({ argv, exit: ran.code, stdout: ran.stdout }).toEqual({ argv, exit: 1, stdout: '' })
  expect(ran.error().code).toBe(code)
  return ran
}

describe('tasks', () => {
  it('create prints the id; list, show, why and runs find it', async () => {
    const id = await create('Fix the parser', '--priority', '-3', '--skill', 'a,b', '--body', '- one')
    expect((await done('list')).stdout).toContain(id)
    expect((await done('list', '--status', 'ready,todo', '--search', 'parser')).stdout).toContain(
      'Fix the parser',
    )
    expect((await done('list', '--status', 'done')).stdout).toBe('No tasks.\n')
    expect((await done('show', id)).stdout).toContain('- one')
    const { task } = (await done('show', id, '--json')).json()
    expect(task).toMatchObject({ id, priority: -3, skills: ['a', 'b'], body: '- one', created_by: 'ada' })
    expect((await done('why', id)).stdout).toMatch(/\S/)
    expect((await done('runs', id)).stdout).toBe('No attempts yet.\n')
    expect((await done('context', id)).stdout).toContain('Fix the parser')
  })

  it('a known idempotency key gives the same task, exit 0', async () => {
    const first = await create('One', '--idempotency-key', 'k')
    expect(await create('Two', '--idempotency-key', 'k')).toBe(first)
  })

  it('a relative folder is resolved from the current folder', async () => {
    const id = await create('x', '--workspace', 'dir:work')
    expect((await done('show', id, '--json')).json().task.workspace_path).toBe(join(home, 'work'))
  })

  it('an error that only the board can detect exits with 1', async () => {
    const a = await create('a')
    const b = await create('b', '--parent', a)
    await refused('CYCLE', 'link', a, a)
    await refused('CYCLE', 'link', b, a)
    await refused('CONFLICT', 'complete', b)
    await refused('CONFLICT', 'approve', a)
    for (const verb of ['show', 'why', 'context', 'runs', 'log', 'stop', 'claim', 'archive']) {
      await refused('NOT_FOUND', verb, 't_00000000')
    }
    await refused('NOT_FOUND', 'create', 'x', '--parent', 't_00000000')
    await refused('NOT_FOUND', 'tail', 't_00000000')
    await refused('NOT_FOUND', 'run', '99')
    await refused('NOT_FOUND', 'log', a)
    await refused('NOT_FOUND', 'list', '--board', 'nowhere')
    expect((await done('link', a, b)).stdout).toContain('was already')
    expect((await done('unlink', a, b)).stdout).toContain(`${b} is no longer blocked by ${a}`)
  })

  it('a verb with several ids applies to the tasks that exist', async () => {
    const a = await create('a')
    const b = await create('b')
    const ran = await runboard(['archive', a, 't_00000000', b])
    expect(ran.code).toBe(1)
    expect(ran.stdout).toBe(`${a}  archived  a\n${b}  archived  b\n`)
    expect(ran.stderr).toMatch(/^runboard: t_00000000: .*\n$/)
    const deleted = await done('delete', a, b, '--yes', '--json')
    expect(deleted.json()).toEqual({
      results: [
        { id: a, task: null },
        { id: b, task: null },
      ],
    })
    await refused('NOT_FOUND', 'show', a)
  })

  it('edit, schedule, hold, assign, comment', async () => {
    await done('profiles', 'add', 'p', '--shell', 'true')
    const id = await create('a', '--assignee', 'p', '--max-runtime', '1h')
    await done('edit', id, '--title', 'b', '--max-runtime', 'none', '--tenant', 'acme')
    await done('schedule', id, '--not-before', '+2h')
    await done('hold', id)
    await done('assign', id, 'none')
    await done('comment', id, '- a bullet', '--author', 'grace')
    const { task, comments } = (await done('show', id, '--json')).json()
    expect(task).toMatchObject({
      title: 'b',
      max_runtime_seconds: null,
      tenant: 'acme',
      held: true,
      assignee: null,
    })
    expect(task.not_before_at).toBeGreaterThan(Date.now() + 7_000_000)
    expect(comments).toMatchObject([{ author: 'grace', body: '- a bullet' }])
    await done('schedule', id, '--not-before', 'none')
    expect((await done('show', id, '--json')).json().task.not_before_at).toBeNull()
  })
})

describe('a worker', () => {
  it('acts on its own task without naming it, and on no other task', async () => {
    const id = await create('a')
    const other = await create('b')
    const claimed = (await done('claim', id, '--json')).json()
    const env = {
      RUNBOARD_TASK: id,
      RUNBOARD_RUN: String(claimed.run.id),
      RUNBOARD_CLAIM: claimed.claim as string,
    }
    const worker = (...argv: string[]) => runboard(argv, { env })
    expect((await worker('heartbeat', '--note', 'on it')).stdout).toBe('')
    expect((await worker('comment', 'one word is the text')).code).toBe(0)
    expect((await worker('context')).stdout).toContain('a')
    expect((await worker('show', '--json')).json().comments).toMatchObject([{ body: 'one word is the text' }])
    expect((await worker('complete', other, '--summary', 'S')).code).toBe(1)
    expect((await worker('delete', other, '--yes')).code).toBe(1)
    const completed = await worker('complete', '--summary', 'S', '--metadata', '{"a":1}')
    expect(completed.stdout).toMatch(/^t_\w+ {2}done {2}a\n {2}attempt 1: completed/)
    expect((await done('runs', id)).stdout).toMatch(/^1 {2}completed {2}.*\n {3}S\n$/)
    const late = await runboard(['complete', '--json'], { env })
    expect(late.code).toBe(1)
    expect(late.error().code).toBe('STALE_RUN')
  })
})

describe('boards', () => {
  it('can be created, set, switched and deleted', async () => {
    await done('init', '--name', 'Mine', '--project', '.')
    await done('boards', 'create', 'other', '--icon', '🚀', '--color', 'red')
    await done('boards', 'set', 'other', 'max_running=2', 'stale_after_seconds=1h')
    const { board } = (await done('boards', 'show', '--board', 'OTHER', '--json')).json()
    expect(board).toMatchObject({
      slug: 'other',
      icon: '🚀',
      settings: { max_running: 2, stale_after_seconds: 3600 },
    })
    await done('boards', 'rename', 'other', 'Another')
    expect((await done('boards', 'list')).stdout).toContain('Another')
    const kept = await runboard(['boards', 'delete', 'other'])
    expect({ code: kept.code, stdout: kept.stdout }).toEqual({ code: 2, stdout: '' })
    await done('boards', 'delete', 'other', '--yes')
    expect((await done('boards', 'list', '--json')).json().boards).toHaveLength(1)
    await refused('NOT_FOUND', 'boards', 'switch', 'other')
  })

  it('leave no trace of wrong usage', async () => {
    const untouched = join(home, 'none')
    const ran = await runboard(['--home', untouched, 'create', 'x', '--priority', 'high'])
    expect(ran.code).toBe(2)
    expect(existsSync(untouched)).toBe(false)
    expect((await runboard(['--home', 'none', 'list'])).code).toBe(0)
    expect(existsSync(untouched)).toBe(true)
  })
})

describe('profiles and logs', () => {
  const shell = (line: string) => {
    const program = process.platform === 'win32' ? ['--', ...posixLine(line)] : ['--shell', line]
    return ['--completion', 'exit-code', '--stdin', 'none', ...program]
  }

  it('a profile is added, changed, shown and removed', async () => {
    await done('profiles', 'add', 'p', '--env', 'A=1', '--backoff', '0', '--', 'sh', '-c', 'echo "$1"')
    await done('profiles', 'set', 'p', 'capabilities=worker,planner', 'max_runtime_seconds=30m')
    expect((await done('profiles', 'show', 'p', '--json')).json().profile).toMatchObject({
      command: ['sh', '-c', 'echo "$1"'],
      env: { A: '1' },
      backoff_seconds: 0,
      capabilities: ['worker', 'planner'],
      max_runtime_seconds: 1800,
    })
    expect((await done('profiles', 'list')).stdout).toContain('p')
    expect((await done('profiles', 'presets')).stdout).toContain('PRESET')
    await refused('CONFLICT', 'profiles', 'add', 'p', '--shell', 'true')
    await done('profiles', 'remove', 'p')
    await refused('NOT_FOUND', 'profiles', 'show', 'p')
  })

  it("log prints a worker's bytes unchanged", async () => {
    await done('profiles', 'add', 'p', ...shell(String.raw`printf 'a\033[31mb\0\377\nlast'`))
    const id = await create('x', '--assignee', 'p')
    const dispatched = await done('dispatch', '--wait', '--json')
    expect(dispatched.json()).toMatchObject({ claimed: [{ task_id: id }], dry_run: false })
    const bytes = Buffer.from('a\u001b[31mb\0\xff\nlast', 'latin1')
    expect((await done('log', id)).bytes).toEqual(bytes)
    expect((await done('log', id, '--run', '1', '--tail', '4')).stdout).toBe('last')
    expect((await done('log', id, '--follow')).bytes).toEqual(bytes)
    const timed = (await done('log', id, '--times')).bytes.toString('latin1').split('\n')
    expect(timed).toHaveLength(2)
    for (const line of timed) expect(line).toMatch(/^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}|- {22}) /)
    expect((await done('log', id, '--json')).json()).toMatchObject({
      attempt: 1,
      encoding: 'utf8',
      ended: true,
    })
    await refused('NOT_FOUND', 'log', id, '--run', '2')
    expect((await done('runs', id)).stdout).toMatch(/^1 {2}completed {2}p .*exit 0\n {3}last\n$/)
  })

  it('log --json prints a log of several pieces as one document, with the same bytes', async () => {
    const line = 'é'.repeat(600)
    await done(
      'profiles',
      'add',
      'p',
      ...shell(`i=0; while [ $i -lt 2000 ]; do echo ${line}; i=$((i+1)); done`),
    )
    const id = await create('x', '--assignee', 'p')
    await done('dispatch', '--wait')
    const whole = `${line}\n`.repeat(2000)
    expect((await done('log', id)).stdout === whole).toBe(true)
    const { content, from, next, size } = (await done('log', id, '--json')).json()
    expect(content === whole).toBe(true)
    expect({ from, next }).toEqual({ from: 0, next: size })
    expect((await done('log', id, '--tail', '4', '--json')).json().content).toBe('é\n')
  })

  it('log --follow prints new output until the run ends', async () => {
    const gate = `${home}/go`
    await done(
      'profiles',
      'add',
      'p',
      ...shell(`echo one; until [ -e ${gate} ]; do sleep 0.02; done; echo two`),
    )
    const id = await create('x', '--assignee', 'p')
    const dispatching = done('dispatch', '--wait')
    await runboard(['watch', '--since', '0', '--kinds', 'spawned'], until('spawned'))
    const stdout = new Memory()
    const following = runboard(['log', id, '--follow'], { stdout })
    await stdout.until('one\n')
    writeFileSync(gate, '')
    await dispatching
    expect((await following).code).toBe(0)
    expect(stdout.text).toBe('one\ntwo\n')
  })

  it("log --readable prints an agent's events in words, also while following", async () => {
    const gate = `${home}/go`
    const said = (text: string) =>
      JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } })
    await done(
      'profiles',
      'add',
      'p',
      ...shell(
        `echo '${said('I look.')}'; until [ -e ${gate} ]; do sleep 0.02; done; echo plain; echo '${said('Done.')}'`,
      ),
    )
    const id = await create('x', '--assignee', 'p')
    const dispatching = done('dispatch', '--wait')
    await runboard(['watch', '--since', '0', '--kinds', 'spawned'], until('spawned'))
    const stdout = new Memory()
    const following = runboard(['log', id, '--follow', '--readable'], { stdout })
    await stdout.until('I look.\n')
    writeFileSync(gate, '')
    await dispatching
    expect((await following).code).toBe(0)
    expect(stdout.text).toBe('I look.\nplain\nDone.\n')
    expect((await done('log', id, '--readable')).stdout).toBe(stdout.text)
    const raw = `${said('I look.')}\nplain\n${said('Done.')}\n`
    expect((await done('log', id)).stdout).toBe(raw)
    expect((await done('log', id, '--readable', '--json')).json().content).toBe(raw)
  })

  it('dispatch --dry-run changes nothing and says why the other tasks wait', async () => {
    await done('profiles', 'add', 'p', ...shell('true'))
    const ready = await create('x', '--assignee', 'p')
    const held = await create('y', '--assignee', 'p', '--hold')
    const { stdout } = await done('dispatch', '--dry-run')
    expect(stdout).toContain(`Would claim 1 task`)
    expect(stdout).toContain(ready)
    expect(stdout).toContain(held)
    expect((await done('runs', ready)).stdout).toBe('No attempts yet.\n')
    expect((await done('workers')).stdout).toBe('Nothing is running.\n')
    expect((await done('stats')).stdout).toContain('2 ready')
    expect((await done('pause')).stdout).toContain('paused')
    expect((await done('resume')).stdout).toContain('not paused')
  })
})

describe('streams', () => {
  it('watch prints one line per event from a cursor, until stopped', async () => {
    const id = await create('x')
    for (const json of [true, false]) {
      const stdout = new Memory()
      const ending = new AbortController()
      const argv = ['watch', '--since', '0', '--kinds', 'created,archived', ...(json ? ['--json'] : [])]
      const watching = runboard(argv, { stdout, signal: ending.signal })
      await stdout.until('created')
      if (json) await done('archive', id)
      await stdout.until('archived')
      ending.abort()
      expect((await watching).code).toBe(0)
      const lines = stdout.text.trimEnd().split('\n')
      expect(lines).toHaveLength(2)
      if (json) expect(lines.map((line) => JSON.parse(line).kind)).toEqual(['created', 'archived'])
      else expect(lines[0]).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d  ${id}  created +by ada`))
    }
  })

  it('tail shows only the task’s events, and ends when its reader leaves', async () => {
    const id = await create('x')
    await create('other')
    const stdout = new Memory()
    const tailing = runboard(['tail', id, '--json'], { stdout })
    await stdout.until('created')
    await done('hold', id)
    await stdout.until('held')
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    expect((await tailing).code).toBe(0)
    const events = stdout.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.every((event) => event.task_id === id)).toBe(true)
  })

  it('an unknown kind is wrong usage', async () => {
    expect((await runboard(['watch', '--kinds', 'created,nonsense'])).code).toBe(2)
  })
})
