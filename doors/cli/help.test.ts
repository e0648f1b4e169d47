import { execFileSync, spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { cliReference } from './reference.ts'
import { runCli } from './test-run.ts'
import { verbs } from './all-verbs.ts'

it('help lists every verb', async () => {
  const { code, stdout, stderr } = await runCli(['help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^  ${verb.words[0] ?? ''} `, 'm'))
  expect((await runCli(['--help'])).stdout).toBe(stdout)
})

it.each(verbs.map((verb) => ({ name: verb.words.join(' '), verb })))(
  'help $name shows its flags',
  async ({ verb }) => {
    const { code, stdout } = await runCli(['help', ...verb.words])
    expect(code).toBe(0)
    expect(stdout).toContain(`Usage: runboard ${verb.words.join(' ')}`)
    for (const { flag } of [...verb.flags, { flag: '--board' }, { flag: '--home' }, { flag: '--json' }]) {
      expect(stdout).toContain(`  ${flag}`)
    }
    expect((await runCli([...verb.words, '--help'])).stdout).toBe(stdout)
    expect(verb.summary).not.toBe('')
  },
)

it('help --json prints the verbs as data', async () => {
  const { verbs: listed } = (await runCli(['help', 'boards', '--json'])).json() as {
    verbs: { verb: string }[]
  }
  expect(listed.map(({ verb }) => verb)).toContain('boards create')
})

it('prints the version of the package', async () => {
  expect((await runCli(['--version'])).stdout).toBe(`${packageJson.version}\n`)
  expect((await runCli(['--version', '--json'])).json()).toEqual({ version: packageJson.version })
})

it('the reference lists every verb', () => {
  const text = cliReference()
  for (const verb of verbs) expect(text).toContain(`### \`runboard ${verb.words.join(' ')}`)
})

it.each(['bash', 'zsh', 'fish'])('completion for %s has every verb and flag', async (shell) => {
  const { code, stdout } = await runCli(['completion', shell])
  expect(code).toBe(0)
  for (const verb of verbs) {
    expect(stdout).toContain(verb.words.at(-1))
    for (const { flag } of verb.flags) expect(stdout).toContain(flag.slice(2))
  }
})

/** What bash offers when the cursor is at the end of the line. */
function completed(script: string, words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ')
  const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${String(words.length - 1)}; _runboard; printf '%s\\n' "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '')
}

const hasBash = spawnSync('bash', ['-c', 'exit 0']).status === 0

it.runIf(hasBash)('bash completes verbs, members of a group, flags and fixed values', async () => {
  const { stdout: script } = await runCli(['completion', 'bash'])
  expect(completed(script, ['runboard', 'cre'])).toEqual(['create'])
  expect(completed(script, ['runboard', '--board', 'list', 'boar'])).toEqual(['boards'])
  expect(completed(script, ['runboard', 'boards', 'sw'])).toEqual(['switch'])
  expect(completed(script, ['runboard', 'create', 'x', '--max-r'])).toEqual([
    '--max-runtime',
    '--max-retries',
  ])
  expect(completed(script, ['runboard', 'list', '--status', 'r'])).toEqual(['ready', 'running', 'review'])
  expect(completed(script, ['runboard', 'boards', 'create', 'x', '--sw'])).toEqual(['--switch'])
})
