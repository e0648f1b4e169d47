import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readText, setup } from '../../testing/worker-setup.ts'
import { startCheck } from './verify.ts'
import { startWorker } from './spawn.ts'
import { windowsCommand, windowsEnvironment } from './windows-command-line.ts'

const isWindows = process.platform === 'win32'
const ENV = { SystemRoot: 'C:\\Windows', ComSpec: 'C:\\Windows\\System32\\cmd.exe' }

/** What cmd.exe would take for its own language. */
const TEXTS = [
  'plain',
  '',
  'two words',
  '"quoted"',
  'say "hi" & echo run',
  'a&echo run',
  '!PATH!',
  'caret ^ and ^^',
  '<in >out |pipe',
  '(a)',
  'ends with \\',
  'ü–✓',
]

describe('the command line of a program on Windows', () => {
  it.each([
    [['plain', '--flag=1'], 'plain --flag=1'],
    [[''], '""'],
    [['two words', 'tab\there'], '"two words" "tab\there"'],
    [['say "hi"'], '"say \\"hi\\""'],
    [['ends with \\', 'a\\b'], '"ends with \\\\" a\\b'],
    [['\\"'], '"\\\\\\""'],
  ])('has %j as %s', (args, line) => {
    expect(windowsCommand('C:\\a.exe', args, ENV)).toEqual({
      program: 'C:\\a.exe',
      line: `C:\\a.exe ${line}`,
    })
  })

  it('of cmd.exe has the line of a profile as it is', () => {
    const { program, line } = windowsCommand(ENV.ComSpec, ['/d', '/s', '/c', 'echo "a b" & exit 3'], ENV)
    expect(program).toBe(ENV.ComSpec)
    expect(line).toBe('C:\\Windows\\System32\\cmd.exe /d /s /c "echo "a b" & exit 3"')
  })

  it('of a script of PowerShell names PowerShell by its place in the system', () => {
    const { program, line } = windowsCommand('C:\\my tools\\agent.ps1', ['a b'], ENV)
    expect(program).toBe('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe')
    expect(line).toBe(`${program} -NoProfile -NonInteractive -File "C:\\my tools\\agent.ps1" "a b"`)
  })
})

describe('the command line of a batch file', () => {
  it.each([
    ['plain', 'plain'],
    ['', '""'],
    ['a b', '"a b"'],
    ['a&calc', '"a&calc"'],
    ['say "hi" & calc', '"say ""hi"" & calc"'],
    ['%PATH%', '"%%cd:~,%PATH%%cd:~,%"'],
    ['ends\\', '"ends\\\\"'],
    ['ü', 'ü'],
  ])('has %j as %s', (arg, word) => {
    expect(windowsCommand('C:\\a.cmd', [arg], ENV)).toEqual({
      program: ENV.ComSpec,
      line: `${ENV.ComSpec} /e:on /v:off /d /s /c ""C:\\a.cmd" ${word}"`,
    })
  })

  it('cannot have text of several lines', () => {
    expect(() => windowsCommand('C:\\a.bat', ['one\ntwo'], ENV)).toThrow(/batch file .*\{context_file\}/)
  })

  it.runIf(isWindows).each([
    ['text', TEXTS],
    ['percent signs', ['%PATH%', '100% sure %', '"%PATH%"']],
  ])('passes %s on to the program behind it, and nothing in it is run', async (_, args) => {
    const { shell, path, log } = setup()
    writeFileSync(path('argv.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)))')
    writeFileSync(path('agent.cmd'), `@echo off\r\n"${process.execPath}" "%~dp0argv.mjs" %*\r\n`)
    const worker = await startWorker(shell('', { file: path('agent.cmd'), args }))
    worker.go()
    expect(await worker.exited).toEqual({ exit_code: 0, signal: null })
    expect(JSON.parse(log())).toEqual(args)
  })
})

it('a worker gets the variables without which programs of Windows fail, and its own win', () => {
  const ours = { SystemRoot: 'C:\\Windows', TEMP: 'C:\\T', SECRET: 'x', USERNAME: 'ada' }
  expect(windowsEnvironment({ temp: 'D:\\mine', A: 'b' }, ours)).toEqual({
    SystemRoot: 'C:\\Windows',
    USERNAME: 'ada',
    temp: 'D:\\mine',
    A: 'b',
  })
})

describe.runIf(isWindows)('on Windows', () => {
  it('a check is a line for cmd.exe, with its status', async () => {
    const { dir, path } = setup()
    const env = { ...ENV, ComSpec: process.env['ComSpec'] ?? '', PATH: process.env['PATH'] ?? '' }
    const check = await startCheck('echo "one two"& exit 3', { cwd: dir, env, log_path: path('1.check.log') })
    check.go()
    expect(await check.exited).toEqual({ exit_code: 3, signal: null })
    expect(readText(path('1.check.log')).trim()).toBe('"one two"')
  })

  it('a file that is not a program is refused, with the reason', async () => {
    const { shell, path, log } = setup()
    writeFileSync(path('agent.exe'), 'no program')
    await expect(startWorker(shell('', { file: path('agent.exe'), args: [] }))).rejects.toThrow(
      /agent\.exe cannot be started: it is not a program for this Windows\.$/,
    )
    expect(log()).toBe('')
  })

  it('a status of 32 bits is kept', async () => {
    const { shell, path } = setup()
    const args = ['-e', 'process.reallyExit(0xc0000005 | 0)']
    const worker = await startWorker(shell('', { file: process.execPath, args }))
    worker.go()
    expect(await worker.exited).toEqual({ exit_code: 0xc0000005, signal: null })
    expect(readText(path('1.exit'))).toBe('3221225477\n')
  })
})

it.runIf(isWindows)('cmd.exe itself is found without a PATH', () => {
  const { program } = windowsCommand('C:\\a.cmd', [], { SystemRoot: process.env['SystemRoot'] })
  expect(execFileSync(program, ['/d', '/c', 'echo here'], { encoding: 'utf8' }).trim()).toBe('here')
})
