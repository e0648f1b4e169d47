import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('profiles', () => {
  it('are added, shown, changed and removed; a shell line replaces a command', async () => {
    const { call } = await setup()
    const added = await call('profile.add', {
      name: 'Coder',
      command: ['agent', '{prompt}'],
      env: { A: '1' },
    })
    expect(added.profile).toMatchObject({
      name: 'coder',
      command: ['agent', '{prompt}'],
      shell: null,
      completion: 'explicit',
      stdin: 'context',
      capabilities: ['worker'],
    })

    await call('profile.set', { name: 'coder', fields: { shell: 'agent <in', max_concurrent: 2 } })

    expect((await call('profile.show', { name: 'coder' })).profile).toMatchObject({
      command: null,
      shell: 'agent <in',
      max_concurrent: 2,
      env: { A: '1' },
    })
    await call('profile.remove', { name: 'coder' })
    await expect(call('profile.show', { name: 'coder' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('leave their tasks when removed, which say so', async () => {
    const { call, create } = await setup()
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })

    await call('profile.remove', { name: 'coder' })

    expect((await call('task.why', { id })).why).toMatchObject({ gate: 'unknown_profile' })
  })

  it('say whether their program exists, and how many workers they have', async () => {
    const bundle = await setup()
    await bundle.call('profile.add', { name: 'there', command: ['sh', '-c', 'true'] })
    await bundle.call('profile.add', { name: 'gone', command: ['no-such-agent'] })
    await taskIn(bundle, 'running', { assignee: 'there' })

    const { profiles } = await bundle.call('profile.list', {})

    const [gone, there] = ['gone', 'there'].map((name) => profiles.find((profile) => profile.name === name))
    expect(there).toMatchObject({
      running: 1,
      executable: expect.stringMatching(/\/sh$/) as string,
      executable_error: null,
    })
    expect(gone).toMatchObject({ running: 0, executable: null })
    expect(gone?.executable_error).toContain('no-such-agent')
  })

  it('damaged by hand are listed with the reason, and can be repaired or removed', async () => {
    const { call, home, refused } = await setup()
    await call('profile.add', { name: 'coder', shell: 'true' })
    await call('profile.add', { name: 'tester', shell: 'true' })
    const path = `${home}/config.json`
    const config = JSON.parse(readFileSync(path, 'utf8')) as { profiles: Record<string, object> }
    const spoilt = { shell: 'true', max_concurrent: 'lots', stdin: 'pipe' }
    writeFileSync(path, JSON.stringify({ profiles: { ...config.profiles, coder: spoilt, tester: spoilt } }))

    expect(await call('profile.list', {})).toEqual({
      profiles: [],
      broken: ['coder', 'tester'].map((name) => ({
        name,
        problem: expect.stringMatching(
          /stdin must be none or context; max_concurrent must be a whole number/,
        ) as string,
      })),
    })
    const half = { name: 'coder', fields: { max_concurrent: 2 } }
    expect((await refused('CONFLICT', 'profile.set', half)).message).toContain(
      'stdin must be none or context',
    )
    await call('profile.set', { name: 'coder', fields: { max_concurrent: 2, stdin: 'none' } })
    await call('profile.remove', { name: 'tester' })

    const { profiles, broken } = await call('profile.list', {})
    expect({ profiles, broken }).toMatchObject({
      profiles: [{ name: 'coder', max_concurrent: 2 }],
      broken: [],
    })
  })

  it('are made from presets, with the given values on top', async () => {
    const { call } = await setup()
    const { presets } = await call('profile.presets', {})
    for (const { executable, executable_error, ...preset } of presets) {
      expect(executable === null).toBe(executable_error !== null)
      const { profile } = await call('profile.add', {
        name: `my-${preset.name}`,
        preset: preset.name,
        max_concurrent: 3,
      })
      expect(profile).toEqual({ ...preset, name: `my-${preset.name}`, max_concurrent: 3 })
    }
  })

  it.each([
    ['nothing to run', { name: 'x' }],
    ['an empty command', { name: 'x', command: [] }],
    ['a name that is none', { name: '../x', shell: 'true' }],
    ['no limit at all', { name: 'x', shell: 'true', max_concurrent: 0 }],
    ['a variable that is none', { name: 'x', shell: 'true', env: { 'a b': '1' } }],
    ['a pattern that is none', { name: 'x', shell: 'true', rate_limit_pattern: '(' }],
    ['a capability that is none', { name: 'x', shell: 'true', capabilities: ['boss'] }],
    ['an exit code that is none', { name: 'x', shell: 'true', rate_limit_exit_codes: [0] }],
    ['a placeholder that is none', { name: 'x', command: ['agent', '{secret}'] }],
  ])('are refused with %s', async (_name, given) => {
    const { call, refused } = await setup()

    await refused('INVALID_INPUT', 'profile.add', given as never)

    expect((await call('profile.list', {})).profiles).toEqual([])
  })

  it.each([
    [{ max_concurrent: 0 }, 'max_concurrent must be a whole number from 1 to 1000.'],
    [{ max_runtime_seconds: 0 }, 'max_runtime_seconds: a duration must be at least one second.'],
    [{ failure_limit: 1.5 }, 'failure_limit must be a whole number from 1 to 1000.'],
    [{ backoff_seconds: -1 }, 'backoff_seconds must be a whole number from 0 to 86400.'],
    [
      { rate_limit_exit_codes: [300] },
      'rate_limit_exit_codes: an exit code must be a whole number from 1 to 255.',
    ],
    [{ rate_limit_pattern: '(' }, 'rate_limit_pattern is not a regular expression.'],
    [{ failure_pattern: '(' }, 'failure_pattern is not a regular expression.'],
    [
      { usage_parser: 'other' },
      'usage_parser must be one of none, claude-json, codex-json, gemini-json, opencode-json, copilot-json, acp-json.',
    ],
    [{ stdin: 'pipe' }, 'stdin must be none or context.'],
    [{ completion: 'never' }, 'completion must be explicit or exit-code.'],
    [{ command: 'make all' }, 'command must be a list of texts: the program, then its arguments.'],
    [{ command: ['  ', 'all'] }, 'the program of command is blank.'],
    [{ env: { '1A': 'x' } }, /^env\.1A: the name of a variable has letters, digits and _/],
    [{ env: 'A=1' }, 'env must be an object: a text for the name of each variable.'],
    [{ capabilities: [] }, 'capabilities: a profile has at least one capability.'],
    [{ capabilities: ['boss'] }, 'capabilities: a capability must be one of worker, planner, reviewer.'],
    [
      { shell: 'echo {title}' },
      /^A shell line cannot hold \{title\}, because its text would be run by the shell/,
    ],
    [{ nonsense: 1 }, /nonsense/],
  ])('that say %j are refused with a sentence', async (fields, sentence) => {
    const { call, refused } = await setup()
    await call('profile.add', { name: 'coder', shell: 'true' })

    const error = await refused('INVALID_INPUT', 'profile.set', { name: 'coder', fields: fields as never })

    if (typeof sentence === 'string') expect(error.message).toBe(sentence)
    else expect(error.message).toMatch(sentence)
  })

  it('keep the arguments of a command unchanged, blanks too', async () => {
    const { call } = await setup()
    const command = ['printf', '%s', '  two  ', '']
    const { profile } = await call('profile.add', { name: 'blanks', command })
    expect(profile.command).toEqual(command)
  })

  it('merge the variables of their preset with the given ones, which win', async () => {
    const { call } = await setup()
    const env = { KEY: 'k' }
    const added = await call('profile.add', { name: 'one', preset: 'gemini', env })
    expect(added.profile.env).toEqual({ GEMINI_CLI_TRUST_WORKSPACE: 'true', KEY: 'k' })
    const own = { GEMINI_CLI_TRUST_WORKSPACE: 'false' }
    expect((await call('profile.add', { name: 'two', preset: 'gemini', env: own })).profile.env).toEqual(own)
  })

  it('are refused for a name in use, from an unknown preset, and when missing', async () => {
    const { call, refused } = await setup()
    await call('profile.add', { name: 'coder', shell: 'true' })

    await refused('CONFLICT', 'profile.add', { name: 'coder', shell: 'false' })
    await refused('NOT_FOUND', 'profile.add', { name: 'other', preset: 'no-such' })
    await refused('NOT_FOUND', 'profile.set', { name: 'other', fields: { shell: 'true' } })
    await refused('NOT_FOUND', 'profile.remove', { name: 'other' })
    await refused('INVALID_INPUT', 'profile.set', { name: 'coder', fields: {} })
    await refused('INVALID_INPUT', 'profile.set', { name: 'coder', fields: { shell: null } })
  })
})

describe('a profile with driver=acp', () => {
  const refusals: [Record<string, unknown>, RegExp][] = [
    [{ shell: 'agent' }, /needs a command, not a shell line/],
    [{ command: ['agent'], completion: 'exit-code' }, /needs completion=explicit/],
    [{ command: ['agent'], stdin: 'none' }, /needs stdin=context/],
  ]
  it.each(refusals)('is refused with %j', async (fields, sentence) => {
    const { refused, call } = await setup()

    const error = await refused('INVALID_INPUT', 'profile.add', { name: 'a', driver: 'acp', ...fields })

    expect(error.message).toMatch(sentence)
    expect((await call('profile.list', {})).profiles).toEqual([])
  })

  it('has its log read as the bridge writes it, whatever its usage_parser was', async () => {
    const { call } = await setup()
    const command = ['agent']

    const given = { name: 'a', driver: 'acp', command, usage_parser: 'codex-json' } as const
    const { profile } = await call('profile.add', given)

    expect(profile).toMatchObject({ driver: 'acp', usage_parser: 'acp-json', acp_mode: null })
  })

  it('may have a mode, which other drivers refuse', async () => {
    const { call, refused } = await setup()
    await call('profile.add', { name: 'a', command: ['agent'] })

    const error = await refused('INVALID_INPUT', 'profile.set', { name: 'a', fields: { acp_mode: 'plan' } })
    expect(error.message).toBe('acp_mode is for driver=acp only.')
    await call('profile.set', { name: 'a', fields: { acp_mode: 'plan', driver: 'acp' } })
    expect((await call('profile.show', { name: 'a' })).profile).toMatchObject({ acp_mode: 'plan' })
  })

  it('that was damaged by hand is listed with the reason why it cannot be used', async () => {
    const { call, home } = await setup()
    const spoilt = { shell: 'agent', driver: 'acp' }
    writeFileSync(`${home}/config.json`, JSON.stringify({ profiles: { coder: spoilt } }))

    expect((await call('profile.list', {})).broken).toMatchObject([
      { name: 'coder', problem: expect.stringContaining('not a shell line') as string },
    ])
  })
})
