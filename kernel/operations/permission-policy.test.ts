import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setup, temporaryFolder, until } from '../testing/setup.ts'
import { byPolicy, plainWords, type Rules, ruleFor } from './permission-policy.ts'

const NONE: Rules = { allow_edits: false, allowed_commands: [], allowed_tools: [] }

function places() {
  const home = temporaryFolder()
  const workspace = join(home, 'boards', 'x', 'workspaces', 't')
  mkdirSync(join(workspace, '.git', 'hooks'), { recursive: true })
  return { home, workspace }
}

const run = (command: unknown, allowed: string[], more = {}) =>
  byPolicy(
    { tool_name: 'Bash', input: { command, ...more } },
    { ...NONE, allowed_commands: allowed },
    places(),
  )

describe('by the rules of a profile', () => {
  it('allows our own tools and reading, and asks about everything that no rule allows', () => {
    const of = (tool_name: string, input = {}) => byPolicy({ tool_name, input }, NONE, places())
    expect(of('mcp__runboard__complete')).toBe('allow')
    expect(of('Read', { file_path: '/etc/hostname' })).toBe('allow')
    expect(of('Grep')).toBe('allow')
    for (const tool of ['Write', 'Edit', 'Bash', 'WebFetch', 'mcp__runboardx__y', 'read'])
      expect(of(tool)).toBe('ask')
  })

  it('asks before reading the files of Runboard itself, except its workspaces', () => {
    const where = places()
    const read = (file_path: string) => byPolicy({ tool_name: 'Read', input: { file_path } }, NONE, where)
    expect(read(join(where.home, 'serve.json'))).toBe('ask')
    expect(read(join(where.workspace, 'a.ts'))).toBe('allow')
  })

  it('allows edits only inside the workspace, after following links, and never in hooks and settings', () => {
    const where = places()
    symlinkSync('/etc', join(where.workspace, 'out'))
    symlinkSync('/nowhere/yet', join(where.workspace, 'dangling'))
    writeFileSync(join(where.workspace, 'a.ts'), '')
    const edit = (file_path: string) =>
      byPolicy({ tool_name: 'Write', input: { file_path } }, { ...NONE, allow_edits: true }, where)
    for (const path of ['a.ts', 'new/b.ts', join(where.workspace, 'a.ts')]) expect(edit(path)).toBe('allow')
    const outside = [
      '../b.ts',
      '/etc/passwd',
      'out/passwd',
      'dangling',
      '.git/hooks/pre-commit',
      '.claude/settings.json',
    ]
    for (const path of outside) expect({ path, is: edit(path) }).toEqual({ path, is: 'ask' })
  })

  it('allows a command by its first words', () => {
    expect(run('npm test', ['npm test'])).toBe('allow')
    expect(run('npm test -- --watch=false src/a.ts', ['npm test'])).toBe('allow')
    expect(run('npm  test', ['npm test'])).toBe('allow')
    for (const command of ['npm', 'npm tests', 'npm install', 'xnpm test'])
      expect(run(command, ['npm test'])).toBe('ask')
    expect(run('npm test', ['npm test'], { dangerouslyDisableSandbox: true })).toBe('ask')
    expect(run(undefined, ['npm test'])).toBe('ask')
  })

  it.each([
    'npm test; rm -rf .',
    'npm test && rm x',
    'npm test | sh',
    'npm test & rm x',
    'npm test > a',
    'npm test $(rm x)',
    'npm test `rm x`',
    'npm test\nrm x',
    'npm test\r\nrm x',
    'npm test $HOME',
    'npm test ${IFS}x',
    'npm test "a b"',
    "npm test 'a'",
    'npm test \\x',
    'npm test ~/x',
    'npm test *',
    'npm test {a,b}',
    'npm test !x',
    'npm test #x',
    'A=1 npm test',
  ])('asks about a command with shell syntax: %j', (command) => {
    expect(run(command, ['npm test'])).toBe('ask')
  })
})

describe('what “always” adds', () => {
  it.each([
    [
      'the words of a plain command',
      'Bash',
      { command: 'npm run build' },
      { kind: 'command', words: 'npm run build' },
    ],
    ['nothing for a command with shell syntax', 'Bash', { command: 'a && b' }, null],
    ['edits of the workspace', 'Edit', { file_path: 'a.ts' }, { kind: 'edits' }],
    ['nothing for an edit elsewhere', 'Edit', { file_path: '/etc/passwd' }, null],
    [
      'another tool by its name',
      'WebFetch',
      { url: 'https://example.org' },
      { kind: 'tool', tool: 'WebFetch' },
    ],
  ])('is %s', (_name, tool_name, input, rule) => {
    expect(ruleFor({ tool_name, input }, places())).toEqual(rule)
  })

  it('has no words for anything but a plain command', () => {
    for (const command of ['', '   ', '-x', 'A=b']) expect(plainWords(command)).toBeNull()
  })
})

describe('the permission prompt of an agent', () => {
  async function prompted(input: Record<string, string>, tool_name = 'Bash') {
    const bundle = await setup()
    const { call, claim, create } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const { worker } = await claim(id)
    const permit = () => call('question.permission', { id, tool_name, input, tool_use_id: 'u1' }, worker)
    const asked = () => until(async () => (await call('question.list', {})).questions[0], 'the question')
    return { ...bundle, id, worker, permit, asked }
  }

  it('asks a person, and “always” becomes a rule of the profile', async () => {
    const { call, id, permit, asked } = await prompted({ command: 'npm test' })
    const first = permit()
    expect(await asked()).toMatchObject({
      kind: 'permission',
      title: 'Bash: npm test',
      options: ['allow', 'always', 'deny'],
      input: { tool_name: 'Bash', input: { command: 'npm test' } },
    })
    await call('question.answer', { question: id, option: 'always' })
    expect(await first).toEqual({ behavior: 'allow', updatedInput: { command: 'npm test' } })
    const { profile } = await call('profile.show', { name: 'coder' })
    expect(profile.allowed_commands).toEqual(['npm test'])

    // No person is asked until the rule is removed.
    expect(await permit()).toMatchObject({ behavior: 'allow' })
    await call('profile.set', { name: 'coder', fields: { allowed_commands: [] } })
    const again = permit()
    await asked()
    await call('question.answer', { question: id, option: 'deny', text: 'Not now' })
    expect(await again).toEqual({ behavior: 'deny', message: 'Not now' })
  })

  it('offers no “always” for a command with shell syntax, and refuses that answer', async () => {
    const { call, id, permit, asked, refused } = await prompted({ command: 'a && b' })
    const waiting = permit()
    expect(await asked()).toMatchObject({ options: ['allow', 'deny'] })
    await refused('INVALID_INPUT', 'question.answer', { question: id, option: 'always' })
    await call('question.answer', { question: id, option: 'allow' })
    expect(await waiting).toMatchObject({ behavior: 'allow' })
  })

  it('shows an edit as a diff', async () => {
    const edit = { file_path: '/w/a.ts', old_string: 'one\ntwo', new_string: 'three' }
    const { call, id, permit, asked } = await prompted(edit, 'Edit')
    const waiting = permit()
    const { diff } = await asked()
    expect(diff).toBe('--- /w/a.ts\n+++ /w/a.ts\n@@ -1,2 +1,1 @@\n-one\n-two\n+three')
    await call('question.answer', { question: id, option: 'deny' })
    expect(await waiting).toEqual({ behavior: 'deny', message: 'A person refused it.' })
  })

  it('is refused when the run ends meanwhile', async () => {
    const { call, id, permit, asked } = await prompted({ command: 'x y' })
    const waiting = permit()
    await asked()
    await call('task.stop', { id })
    expect(await waiting).toMatchObject({ behavior: 'deny' })
  })
})
