import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PRESETS } from '../home/presets.ts'
import { setup } from '../testing/setup.ts'
import { programOfShellLine } from '../workers/environment/shell-program.ts'

const isPosix = process.platform !== 'win32'

async function withScripts() {
  const bundle = await setup()
  const script = (name: string, text: string) => {
    const path = join(bundle.home, name)
    writeFileSync(path, text)
    chmodSync(path, 0o755)
    return path
  }
  return {
    ...bundle,
    crlf: script('crlf.sh', '#!/bin/sh\r\necho hello\r\n'),
    lost: script('lost.sh', '#!/opt/no/such/interpreter\n'),
    good: script('good.sh', '#!/bin/sh\nexit 0\n'),
  }
}

describe.runIf(isPosix)('E5: a profile whose workers cannot start', () => {
  it.each([
    ['crlf', /has Windows line ends \(CRLF\)/],
    ['lost', /names an interpreter that is not there: \/opt\/no\/such\/interpreter/],
  ] as const)('%s is accepted with a warning, as a command and in a shell line', async (which, reason) => {
    const bundle = await withScripts()
    const { call } = bundle
    const warned = { warnings: [expect.stringMatching(reason)] }

    expect(await call('profile.add', { name: 'a', command: [bundle[which], 'x'] })).toMatchObject(warned)
    expect(await call('profile.add', { name: 'b', shell: `A=1 exec ${bundle[which]} x` })).toMatchObject(
      warned,
    )
    const { profiles } = await call('profile.list', {})
    expect(profiles.map(({ executable_error }) => executable_error)).toEqual([
      expect.stringMatching(reason),
      expect.stringMatching(reason),
    ])
    const mended = await call('profile.set', { name: 'a', fields: { command: [bundle.good] } })
    expect(mended).not.toHaveProperty('warnings')
  })

  it('warns of a program that is not on the PATH, and not of shell built-ins', async () => {
    const { call } = await setup()
    const add = (name: string, shell: string) => call('profile.add', { name, shell })

    expect((await add('a', 'no-such-agent --go')).warnings).toEqual([
      expect.stringMatching(
        /^Workers of profile a cannot start yet: “no-such-agent” is not installed \(not on the PATH\)/,
      ),
    ])
    for (const [name, line] of Object.entries({
      b: 'cd x && ./y',
      c: '$AGENT go',
      d: 'runboard list',
      e: './in-workspace',
    }))
      expect(await add(name, line)).not.toHaveProperty('warnings')
    const edited = await call('profile.set', { name: 'b', fields: { shell: 'gone-too' } })
    expect(edited.warnings).toHaveLength(1)
  })

  it.each([
    ['npm test', 'npm'],
    ['A=1 B=x exec /usr/bin/make all', '/usr/bin/make'],
    ['python3;true', 'python3'],
    ['  cat|wc', 'cat'],
    ['if true; then x; fi', null],
    ['"my agent" x', null],
    ['~/bin/agent', null],
    ['', null],
  ])('finds the program of %j', (line, program) => {
    expect(programOfShellLine(line)).toBe(program)
  })
})

describe('a profile copied from a preset of an earlier version', () => {
  const OLD = 'rate.?limit|usage limit|hit your .*limit|too many requests|\\b429\\b|quota'
  const hint = /“runboard profiles set old --patterns-of codex” takes the patterns/

  it('is left unchanged, with the command that takes over the new patterns', async () => {
    const { call } = await setup()
    await call('profile.add', { name: 'old', preset: 'codex', rate_limit_pattern: OLD, max_concurrent: 2 })

    const shown = await call('profile.show', { name: 'old' })
    expect(shown.profile.rate_limit_pattern).toBe(OLD)
    expect(shown.warnings).toContainEqual(expect.stringMatching(hint))

    const { profile, warnings = [] } = await call('profile.set', { name: 'old', patterns_of: 'codex' })
    expect(profile).toEqual({ ...PRESETS.get('codex'), name: 'old', max_concurrent: 2 })
    expect(warnings.join()).not.toMatch(hint)
  })

  it('refuses the patterns of an unknown preset, and an empty change', async () => {
    const { call, refused } = await setup()
    await call('profile.add', { name: 'old', shell: 'true', rate_limit_pattern: OLD })
    await refused('NOT_FOUND', 'profile.set', { name: 'old', patterns_of: 'nosuch' })
    await refused('INVALID_INPUT', 'profile.set', { name: 'old' })
    const { warnings } = await call('profile.show', { name: 'old' })
    expect(warnings).toEqual([expect.stringContaining('profiles set old rate_limit_pattern=')])
  })
})
