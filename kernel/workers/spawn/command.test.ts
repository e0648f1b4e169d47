import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildCommand, type CommandValues } from './command.ts'
import { type RunEnvironment, workerEnvironment } from '../environment/environment.ts'
import { startWorker } from './spawn.ts'
import { setup } from '../../testing/worker-setup.ts'

const values: CommandValues = {
  prompt: 'Do {title} $(now)',
  context_file: '/ctx',
  task_id: 't_1',
  title: 'A {prompt}',
  workspace: '/ws',
  model: 'big',
  skills: 'a,b',
}

const argv = (command: string[], more: Partial<CommandValues> = {}): string[] =>
  buildCommand({ command, shell: null }, { ...values, ...more })

describe('a command', () => {
  it('has placeholders inside its elements replaced once', () => {
    expect(argv(['agent', '--model={model}', '{prompt}', '{task_id}:{title}', 'in {workspace}'])).toEqual([
      'agent',
      '--model=big',
      'Do {title} $(now)',
      't_1:A {prompt}',
      'in /ws',
    ])
  })

  it('X3: never turns a title into an option', () => {
    expect(argv(['agent', '-p', '{title}'], { title: '--yolo' })).toEqual(['agent', '-p', ' --yolo'])
  })

  it('keeps other braces', () => {
    const command = ['agent', '{"a":{"b":1}}', '${unknown}', '{ prompt }', '{}', '$&']
    expect(argv(command)).toEqual(command)
  })

  it('takes values verbatim, whatever they contain', () => {
    fc.assert(
      fc.property(fc.string(), (title) => {
        expect(argv(['agent', '<{title}>'], { title })[1]).toBe(`<${title.replaceAll('\0', '\u{FFFD}')}>`)
      }),
    )
  })

  it.each([
    [
      ['agent', '--model', '{model}', 'go'],
      ['agent', 'go'],
    ],
    [
      ['agent', '-m', '{model}', 'go'],
      ['agent', 'go'],
    ],
    [
      ['agent', '--model={model}', 'go'],
      ['agent', 'go'],
    ],
    [
      ['agent', 'run', '{model}', 'go'],
      ['agent', 'run', 'go'],
    ],
    [
      ['agent', '--', '{model}'],
      ['agent', '--'],
    ],
    [
      ['agent', '--a=b', '{model}'],
      ['agent', '--a=b'],
    ],
    [['--odd', '{model}'], ['--odd']],
  ])('%j without a model is %j', (command, expected) => {
    expect(argv(command, { model: null })).toEqual(expected)
  })

  it.each([[null], [[]], [['']], [['{model}']]])('%j is refused', (command) => {
    const build = () => buildCommand({ command, shell: null }, { ...values, model: null })
    expect(build).toThrow('The profile has no command.')
  })
})

describe('a shell line', () => {
  const line = (shell: string) => () => buildCommand({ command: null, shell }, values)

  it('is passed to the shell unchanged', () => {
    const shell = 'echo "${title}" {a,b} | tee $RUNBOARD_WORKSPACE/x'
    expect(line(shell)()).toEqual(['/bin/sh', '-c', shell])
  })

  it('with a placeholder is refused, with what to write instead', () => {
    expect(line('agent "{title}"')).toThrow(
      'A shell line cannot hold {title}, because its text would be run by the shell: write "$RUNBOARD_TITLE" instead.',
    )
    expect(line('agent {prompt}')).toThrow(/"\$\(cat "\$RUNBOARD_CONTEXT_FILE"\)"/)
    expect(line(' ')).toThrow('The profile’s shell line is empty.')
  })

  it('together with a command is refused', () => {
    expect(() => buildCommand({ command: ['a'], shell: 'b' }, values)).toThrow(/not both/)
  })
})

describe('the environment of a worker', () => {
  const run: RunEnvironment = {
    home: '/home',
    board: 'default',
    task: 't_1',
    run: '7',
    attempt: 2,
    claim: 'secret',
    workspace: '/ws',
    profile: 'coder',
    title: 'Line 1\n$(id)',
    tenant: null,
    branch: null,
    context_file: '/ctx',
    model: null,
    skills: ['a', 'b'],
    bin_dir: '/rb/bin',
    bin: '/rb/bin/runboard',
  }

  it('has all of the contract and nothing of an outer run', () => {
    const base = {
      PATH: '/usr/bin',
      LANG: 'C',
      RUNBOARD_RUN: '1',
      RUNBOARD_TENANT: 'x',
      ELECTRON_RUN_AS_NODE: '1',
    }
    expect(workerEnvironment(base, {}, run)).toEqual({
      LANG: 'C',
      PATH: '/rb/bin:/usr/bin',
      RUNBOARD_HOME: '/home',
      RUNBOARD_BOARD: 'default',
      RUNBOARD_TASK: 't_1',
      RUNBOARD_RUN: '7',
      RUNBOARD_ATTEMPT: '2',
      RUNBOARD_CLAIM: 'secret',
      RUNBOARD_WORKSPACE: '/ws',
      RUNBOARD_PROFILE: 'coder',
      RUNBOARD_TITLE: 'Line 1\n$(id)',
      RUNBOARD_CONTEXT_FILE: '/ctx',
      RUNBOARD_SKILLS: 'a,b',
      RUNBOARD_BIN: '/rb/bin/runboard',
    })
  })

  it('lets a profile set variables that do not belong to the run', () => {
    const profile = { PATH: '/opt/agent', KEY: 'v', RUNBOARD_RUN: '9', RUNBOARD_TENANT: 'y' }
    const env = workerEnvironment({ PATH: '/usr/bin', KEY: 'old' }, profile, run)
    expect(env).toMatchObject({ PATH: '/rb/bin:/opt/agent', KEY: 'v', RUNBOARD_RUN: '7' })
    expect(env).not.toHaveProperty('RUNBOARD_TENANT')
  })

  it('has nothing of an AppImage’s mount', () => {
    const mount = '/tmp/.mount_Run'
    const base = {
      APPDIR: mount,
      APPIMAGE: '/x',
      PATH: `${mount}/bin:/usr/bin`,
      LD_LIBRARY_PATH: `${mount}/lib`,
    }
    const env = workerEnvironment(base, {}, run)
    expect(JSON.stringify(env)).not.toContain(mount)
    expect(env['PATH']).toBe('/rb/bin:/usr/bin')
    expect(env).not.toHaveProperty('LD_LIBRARY_PATH')
  })

  it('reaches the worker unchanged', async () => {
    const { shell, log } = setup()
    const env = workerEnvironment({ PATH: process.env['PATH'] }, {}, run)
    const worker = await startWorker(shell('printf %s "$RUNBOARD_TITLE|$RUNBOARD_CLAIM"', { env }))
    worker.go()
    await worker.exited
    expect(log()).toBe('Line 1\n$(id)|secret')
  })
})
