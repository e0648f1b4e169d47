import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveExecutable, workerPath } from './executable.ts'
import { writeRunboardShim } from './shim.ts'
import { windowsCommand } from '../spawn/windows-command-line.ts'
import { readText, setup, writeProgram } from '../../testing/worker-setup.ts'

describe('resolveExecutable', () => {
  it('finds a bare name in the first folder of the PATH that has it', () => {
    const { dir, path } = setup()
    for (const folder of ['one', 'two', 'three']) mkdirSync(path(folder))
    writeProgram(path('two/agent'))
    writeProgram(path('three/agent'))
    const search = ['one', 'missing', 'two', 'three'].map(path).join(delimiter)
    expect(resolveExecutable('agent', { path: search, cwd: dir })).toEqual({ path: path('two/agent') })
  })

  it('accepts a path as it is, resolves a relative one in the workspace, and follows links', () => {
    const { dir, path } = setup()
    writeProgram(path('agent'))
    symlinkSync(path('agent'), path('link'))
    expect(resolveExecutable(path('agent'), { path: '', cwd: '/' })).toEqual({ path: path('agent') })
    expect(resolveExecutable('./link', { path: '', cwd: dir })).toEqual({ path: path('link') })
  })

  it('never finds a program in the current folder through an empty or relative entry of the PATH', () => {
    const { dir, path } = setup()
    writeProgram(path('agent'))
    expect(resolveExecutable('agent', { path: `${delimiter}.${delimiter}`, cwd: dir })).toHaveProperty(
      'problem',
    )
  })

  it('gives the reason in one sentence', () => {
    const { dir, path } = setup()
    mkdirSync(path('folder'))
    writeFileSync(path('data'), '')
    symlinkSync(path('gone'), path('dangling'))
    const problem = (name: string, search = ''): unknown =>
      resolveExecutable(name, { path: search, cwd: dir })
    expect(problem('')).toEqual({ problem: 'The command is empty: it names no program.' })
    expect(problem('agent')).toEqual({
      problem:
        '“agent” is not installed (not on the PATH). Install it, or set its absolute path in the profile’s command.',
    })
    expect(problem('data', dir)).toEqual({
      problem: `“data” cannot be run: ${path('data')} is not executable (chmod +x would make it so).`,
    })
    expect(problem(path('folder'))).toEqual({ problem: `${path('folder')} is a folder.` })
    expect(problem('./gone')).toEqual({ problem: `${path('gone')} does not exist.` })
    expect(problem('./dangling')).toEqual({ problem: `${path('dangling')} does not exist.` })
  })
})

it('the PATH of a worker begins with our command and has no folder twice', () => {
  expect(workerPath('/rb', '/usr/bin:/rb:/bin:/usr/bin:')).toBe('/rb:/usr/bin:/bin')
  expect(workerPath('/rb', undefined)).toBe('/rb:/usr/local/bin:/usr/bin:/bin')
  expect(workerPath('/rb', '')).toBe('/rb:/usr/local/bin:/usr/bin:/bin')
})

describe('the runboard command for workers', () => {
  it('runs the CLI with all arguments verbatim, from a folder with quotes and spaces', () => {
    const { path } = setup()
    const odd = path(`it's $HOME "odd"`)
    mkdirSync(odd)
    const cli = `${odd}/cli.mjs`
    writeFileSync(
      cli,
      'console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE ?? null]))',
    )
    const args = ['complete', '--summary', `it's "done"\n$(x)`, '']
    const run = (electron: boolean): unknown => {
      const shim = writeRunboardShim(path('bin'), { node_path: process.execPath, cli_path: cli, electron })
      return JSON.parse(execFileSync(shim, args, { encoding: 'utf8' }))
    }
    expect(run(false)).toEqual([args, null])
    expect(run(true)).toEqual([args, '1'])
    expect(statSync(path('bin/runboard')).mode & 0o777).toBe(0o700)
  })

  it('is rewritten only if it would change', () => {
    const { path } = setup()
    const options = { node_path: '/node', cli_path: '/cli.js', electron: false }
    const file = writeRunboardShim(path('bin'), options)
    const before = statSync(file).ino
    writeRunboardShim(path('bin'), options)
    expect(statSync(file).ino).toBe(before)
    chmodSync(file, 0o600)
    writeRunboardShim(path('bin'), options)
    expect(statSync(file).mode & 0o777).toBe(0o700)
  })

  it('is a batch file on Windows', () => {
    const { path } = setup()
    const options = { node_path: 'C:\\a\\node.exe', cli_path: 'C:\\100%\\cli.js', electron: true } as const
    expect(writeRunboardShim(path('bin'), { ...options, platform: 'win32' })).toBe(
      join(path('bin'), 'runboard.cmd'),
    )
    // For a shell, such as Git Bash.
    expect(readText(path('bin/runboard'))).toContain(`exec 'C:\\a\\node.exe' 'C:\\100%\\cli.js' "$@"`)
  })

  it.runIf(process.platform === 'win32')('an agent is found by the batch file that npm writes for it', () => {
    const { path, dir } = setup()
    const found = () =>
      resolveExecutable('agent', { path: path('npm'), cwd: dir, pathext: '.COM;.EXE;.BAT;.CMD' })
    mkdirSync(path('npm'))
    for (const name of ['agent', 'agent.ps1']) writeFileSync(path(`npm/${name}`), '')
    expect(found()).toEqual({ path: join(path('npm'), 'agent.ps1') })
    writeFileSync(path('npm/agent.cmd'), '')
    expect(found()).toEqual({ path: join(path('npm'), 'agent.cmd') })
  })

  it.runIf(process.platform === 'win32')(
    'runs the CLI with all arguments, from a folder whose name is not ASCII',
    () => {
      const { path } = setup()
      mkdirSync(path('Jürgen'))
      const cli = path('Jürgen/100% cli.mjs')
      writeFileSync(cli, 'console.log(JSON.stringify(process.argv.slice(2)))')
      const args = ['complete', '--summary', 'it is "done" & well', '']
      const options = { node_path: process.execPath, cli_path: cli, electron: false }
      const shim = writeRunboardShim(path('Jürgen/bin'), options)
      const { program, line } = windowsCommand(shim, args, process.env)
      const { stdout } = spawnSync(program, [line.slice(line.indexOf(' ') + 1)], {
        encoding: 'utf8',
        windowsVerbatimArguments: true,
      })
      expect(JSON.parse(stdout)).toEqual(args)
    },
  )
})
