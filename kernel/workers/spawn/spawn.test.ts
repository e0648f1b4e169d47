import { spawn as nodeSpawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { isAlive, startKeyOf } from '../process/identity.ts'
import { exitFromStatus, KEEPER_SCRIPT, readExitFile } from '../process/keeper.ts'
import { startWorker } from './spawn.ts'
import type { StartedWorker } from './spawn-options.ts'
import { readText, setup, until, waitFor } from '../../testing/worker-setup.ts'

const here = import.meta.dirname

describe('a worker', () => {
  it('gets its arguments verbatim', async () => {
    const { shell, path, log } = setup()
    const args = [
      'plain',
      '',
      ' two  words ',
      "it's",
      '"quoted"',
      'new\nline',
      '$(touch x)',
      '`id`',
      '*',
      '\\n',
      'ü–✓',
      '-n',
    ]
    const file = path('argv.mjs')
    writeFileSync(file, 'console.log(JSON.stringify(process.argv.slice(2)))')
    const worker = await startWorker(shell('', { file: process.execPath, args: [file, ...args] }))
    worker.go()
    expect(await worker.exited).toEqual({ exit_code: 0, signal: null })
    expect(JSON.parse(log())).toEqual(args)
  })

  it('is the process of the reported pid and start key, in its own session', async () => {
    const { start, log } = setup()
    const worker = await start('echo $$ $PPID; exec sleep 60')
    await until(() => log())
    expect(log()).toBe(`${worker.pid} ${worker.keeper_pid}\n`)
    expect(startKeyOf(worker.pid)).toBe(worker.started_key)
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${worker.pid}/stat`, 'latin1')).toContain(
        `${worker.keeper_pid} ${worker.keeper_pid} `,
      )
    }
  })

  it.runIf(process.platform === 'linux')('has stdin, stdout, stderr and none of our pipes', async () => {
    const { start, log } = setup()
    const mine = readdirSync('/proc/self/fd').length
    const worker = await start('for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd); done')
    await worker.exited
    expect(log()).not.toContain('socket:')
    await until(() => readdirSync('/proc/self/fd').length <= mine, 'our own ends closed')
  })

  it('has only the given environment, and default signal handling', async () => {
    const { start, log } = setup()
    const env = {
      PATH: '/usr/bin:/bin',
      RUNBOARD_RUN: '7',
      exit_file: 'mine',
      status: 'mine',
      HOSTILE: '$(id)\n`id`',
    }
    await (
      await start('env; grep SigIgn /proc/$$/status || :', { env })
    ).exited
    const lines = log()
    for (const line of ['RUNBOARD_RUN=7', 'exit_file=mine', 'status=mine', 'HOSTILE=$(id)'])
      expect(lines).toContain(line)
    expect(lines).not.toContain('HOME=')
    if (process.platform === 'linux') expect(lines).toMatch(/SigIgn:\s+0000000000000000/)
  })

  it('reads its stdin from the file, and both outputs go to the log in the order written', async () => {
    const { start, path, log } = setup()
    writeFileSync(path('context'), 'the context\n')
    writeFileSync(path('1.log'), 'before\n')
    const worker = await start('cat; echo err >&2; echo out; echo err2 >&2', { stdin_path: path('context') })
    await worker.exited
    expect(log()).toBe('before\nthe context\nerr\nout\nerr2\n')
  })

  it('has an empty stdin by default', async () => {
    const { start, log } = setup()
    await (
      await start('cat; echo end')
    ).exited
    expect(log()).toBe('end\n')
  })

  it('writes its log so that only its owner can read it', async () => {
    const { start, path } = setup()
    const worker = await start('echo hello', {
      log_path: path('logs/t_1/5.log'),
      exit_path: path('logs/t_1/5.exit'),
    })
    await worker.exited
    expect(statSync(path('logs/t_1/5.log')).mode & 0o777).toBe(0o600)
    expect(statSync(path('logs/t_1')).mode & 0o777).toBe(0o700)
    expect(statSync(path('logs/t_1/5.exit')).mode & 0o777).toBe(0o600)
  })

  it('has its own pid, log and exit when fifty start at once', async () => {
    const { shell, path } = setup()
    const workers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const files = { log_path: path(`${n}.log`), exit_path: path(`${n}.exit`) }
        const worker = await startWorker(shell(`echo ${n}; exit ${n}`, files))
        worker.go()
        return worker
      }),
    )
    expect(new Set(workers.map(({ pid }) => pid)).size).toBe(50)
    const exits = await Promise.all(workers.map(({ exited }) => exited))
    expect(exits).toEqual(workers.map((_, n) => ({ exit_code: n, signal: null })))
    expect(workers.map((_, n) => readText(path(`${n}.log`)))).toEqual(workers.map((_, n) => `${n}\n`))
    expect(workers.map((_, n) => readExitFile(path(`${n}.exit`)))).toEqual(exits)
  })
})

describe('the end of a worker', () => {
  it.each([
    ['exit 0', { exit_code: 0, signal: null }],
    ['exit 3', { exit_code: 3, signal: null }],
    ['exit 75', { exit_code: 75, signal: null }],
    ['exit 125', { exit_code: 125, signal: null }],
    ['kill -9 $$', { exit_code: null, signal: 'SIGKILL' }],
    ['kill -TERM $$', { exit_code: null, signal: 'SIGTERM' }],
    ['kill -INT $$', { exit_code: null, signal: 'SIGINT' }],
    ['kill -SEGV $$', { exit_code: null, signal: 'SIGSEGV' }],
  ])('%s is reported to the starter and in the exit file', async (line, exit) => {
    const { start, path, log } = setup()
    const worker = await start(line)
    expect(await worker.exited).toEqual(exit)
    expect(readExitFile(path('1.exit'))).toEqual(exit)
    expect(log()).toBe('')
  })

  it('is not confused with an exit file of an earlier start', async () => {
    const { start, path } = setup()
    writeFileSync(path('1.exit'), '0\n')
    const worker = await start('sleep 60')
    expect(readExitFile(path('1.exit'))).toBeNull()
    process.kill(worker.pid, 'SIGKILL')
    expect(await worker.exited).toEqual({ exit_code: null, signal: 'SIGKILL' })
  })

  it.each(['', '1', '12', 'never_started'])('is not read from a line that is not complete: “%s”', (text) => {
    const { path } = setup()
    writeFileSync(path('1.exit'), text)
    expect(readExitFile(path('1.exit'))).toBeNull()
    writeFileSync(path('1.exit'), `${text}\n`)
    expect(readExitFile(path('1.exit')) === null).toBe(text === '')
  })

  it('is recorded with a PATH that leads nowhere', async () => {
    const { start, path } = setup()
    await (
      await start('exit 4', { env: { PATH: '/nowhere' } })
    ).exited
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: 4, signal: null })
  })

  it('is reported when the worker ends, even if a child of it lives on', async () => {
    const { start, path } = setup()
    const worker = await start(`sleep 60 & echo $! >${path('pid')}; exit 2`)
    expect(await worker.exited).toEqual({ exit_code: 2, signal: null })
    const child = Number(readText(path('pid')))
    expect(startKeyOf(child)).not.toBeNull()
    process.kill(child, 'SIGKILL')
  })

  it('survives signals to the whole group: the keeper stays and records it', async () => {
    const { start, path, log } = setup()
    const worker = await start('echo up; exec sleep 60')
    await until(() => log())
    process.kill(-worker.keeper_pid, 'SIGTERM')
    expect(await worker.exited).toEqual({ exit_code: null, signal: 'SIGTERM' })
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: null, signal: 'SIGTERM' })
  })

  it('is reported only when the worker is gone, and as unknown, if the keeper was killed', async () => {
    const { start, path, log } = setup()
    const worker = await start('echo up; exec sleep 60')
    await until(() => log())
    let ended = false
    void worker.exited.then(() => (ended = true))
    const keeper = { pid: worker.keeper_pid, started_key: startKeyOf(worker.keeper_pid) }
    process.kill(worker.keeper_pid, 'SIGKILL')
    await until(() => !isAlive(keeper))
    expect(isAlive(worker)).toBe(true)
    expect(ended).toBe(false)
    process.kill(worker.pid, 'SIGKILL')
    expect(await worker.exited).toEqual({ exit_code: null, signal: null })
    expect(readExitFile(path('1.exit'))).toBeNull()
  })
})

it.runIf(existsSync('/bin/bash'))('the keeper works where sh is bash, as on macOS', async () => {
  const { shell, path, log } = setup()
  symlinkSync('/bin/bash', path('sh'))
  const spawn = ((_file: string, args: string[], options: object) =>
    nodeSpawn(
      path('sh'),
      args.map((arg) => arg.replace('/bin/sh', path('sh'))),
      options,
    )) as typeof nodeSpawn
  const run = async (line: string, end: (worker: StartedWorker) => void) => {
    const worker = await startWorker({ ...shell(line), spawn })
    end(worker)
    return [await worker.exited, readExitFile(path('1.exit')), log()]
  }
  const exit = { exit_code: null, signal: 'SIGSEGV' }
  expect(await run(`kill -SEGV $$`, (worker) => worker.go())).toEqual([exit, exit, ''])
  const cancelled = await run('echo ran', (worker) => worker.cancel())
  expect(cancelled).toEqual([{ exit_code: 125, signal: null }, 'never_started', ''])
})

describe('before go', () => {
  it('cancel starts nothing and the exit file says so', async () => {
    const { shell, path, log } = setup()
    const worker = await startWorker(shell('echo ran'))
    worker.cancel()
    await worker.exited
    expect(log()).toBe('')
    expect(readExitFile(path('1.exit'))).toBe('never_started')
    worker.go()
    worker.cancel()
  })

  it.each([
    ['before go, nothing starts', '', 'never_started', ''],
    [
      'right after go, the worker finishes and its end is known',
      'worker.go()',
      { exit_code: 6, signal: null },
      'ran\n',
    ],
  ])('a starter killed -9 %s', async (_, go, exit, output) => {
    const { dir, path, shell, log } = setup()
    const options = JSON.stringify(shell(`sleep 0.05; echo ran; exit 6`))
    const script = `
      import { startWorker } from ${JSON.stringify(pathToFileURL(join(here, 'spawn.ts')).href)}
      const worker = await startWorker(${options})
      ${go}
      process.kill(process.pid, 'SIGKILL')`
    writeFileSync(path('starter.mjs'), script)
    const starter = nodeSpawn(process.execPath, [path('starter.mjs')], {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const ended = await new Promise((resolve) =>
      starter.once('exit', (code, signal) => resolve(signal ?? code)),
    )
    // Windows knows only that it was ended.
    expect(ended).toBe(process.platform === 'win32' ? 1 : 'SIGKILL')
    await until(() => readExitFile(path('1.exit')), 'the exit file')
    expect(readExitFile(path('1.exit'))).toEqual(exit)
    expect(log()).toBe(output)
  })

  it('a worker does not keep its starter from exiting', async () => {
    const { dir, path, shell } = setup()
    const options = JSON.stringify(shell(`${waitFor(path('go'))}; exit 9`))
    const script = `
      import { startWorker } from ${JSON.stringify(pathToFileURL(join(here, 'spawn.ts')).href)}
      const worker = await startWorker(${options})
      worker.go()`
    writeFileSync(path('starter.mjs'), script)
    const starter = nodeSpawn(process.execPath, [path('starter.mjs')], {
      cwd: dir,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect(await new Promise((resolve) => starter.once('exit', resolve))).toBe(0)
    expect(readExitFile(path('1.exit'))).toBeNull()
    writeFileSync(path('go'), '')
    expect(await until(() => readExitFile(path('1.exit')))).toEqual({ exit_code: 9, signal: null })
  })
})

describe('a worker that cannot be started gives the reason', () => {
  it('a missing workspace, or one that is a file', async () => {
    const { shell, path } = setup()
    await expect(startWorker(shell('', { cwd: path('missing') }))).rejects.toThrow(
      /The workspace .*missing is not there/,
    )
    writeFileSync(path('file'), '')
    await expect(startWorker(shell('', { cwd: path('file') }))).rejects.toThrow(/is not a folder/)
  })

  it('a log or stdin that cannot be opened', async () => {
    const { shell, path } = setup()
    mkdirSync(path('folder'))
    await expect(startWorker(shell('', { log_path: path('folder') }))).rejects.toThrow(
      /log file .* cannot be written/,
    )
    await expect(startWorker(shell('', { stdin_path: path('no') }))).rejects.toThrow(
      /stdin .* cannot be read/,
    )
    writeFileSync(path('file'), '')
    await expect(startWorker(shell('', { log_path: path('file/1.log') }))).rejects.toThrow(
      /folder cannot be prepared/,
    )
  })

  it('a relative path', async () => {
    const { shell } = setup()
    await expect(startWorker(shell('', { file: 'sh' }))).rejects.toThrow('“sh” is not an absolute path.')
  })

  it.runIf(process.platform === 'linux')('a command line that is too long', async () => {
    const { shell } = setup()
    await expect(startWorker(shell('', { args: ['x'.repeat(200_000)] }))).rejects.toThrow(
      /too long.*\{context_file\}/,
    )
  })

  it.each(['EAGAIN', 'EMFILE', 'ENOMEM', 'EIO'])('a system that answers %s', async (code) => {
    const { shell } = setup()
    // A missing program fails with the same event; only the code differs.
    const spawn = ((_file: string, args: string[], options: object) => {
      const child = nodeSpawn('/no/such/program', args, options)
      const emit = child.emit.bind(child)
      child.emit = (name: string, ...rest: unknown[]) =>
        name === 'error'
          ? emit('error', Object.assign(new Error(`spawn ${code}`), { code }))
          : emit(name, ...rest)
      return child
    }) as typeof nodeSpawn
    const error = await startWorker({ ...shell(''), spawn }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'WorkerSetupError', message: expect.stringMatching(/\.$/) as string })
  })

  it('an invalid program ends the run with the shell’s code', async () => {
    const { start, path, log } = setup()
    writeFileSync(path('data'), 'x')
    chmodSync(path('data'), 0o600)
    const worker = await start('', { file: path('data'), args: [] })
    expect(await worker.exited).toEqual({ exit_code: 126, signal: null })
    expect(log()).toMatch(/Permission denied/i)
  })
})

it('a status above 128 means a signal if one has that number', () => {
  expect(exitFromStatus(143)).toEqual({ exit_code: null, signal: 'SIGTERM' })
  expect(exitFromStatus(255)).toEqual({ exit_code: 255, signal: null })
  expect(exitFromStatus(128)).toEqual({ exit_code: 128, signal: null })
})

it('the worker’s script can be quoted inside the keeper’s', () => {
  expect(KEEPER_SCRIPT.split("'")).toHaveLength(3)
})
