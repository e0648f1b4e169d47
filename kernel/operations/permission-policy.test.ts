import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OperationInput } from '../../contract/index.ts'
import { setup, temporaryFolder, until } from '../testing/setup.ts'
import { byPolicy, type Places, plainWords, type Rules, ruleFor } from './permission-policy.ts'

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

  it('searching a folder that contains the files of Runboard is asked', () => {
    const where = places()
    const { home, workspace } = where
    symlinkSync(home, join(workspace, 'link'))
    const of = (tool_name: string, input: Record<string, unknown>) =>
      byPolicy({ tool_name, input }, NONE, where)
    const asked: [string, Record<string, unknown>][] = [
      ['Grep', { pattern: 'token', path: '/' }],
      ['Grep', { pattern: 'token', path: join(home, '..') }],
      ['Grep', { pattern: 'token', path: '.', glob: '../../../../*.json' }],
      ['Glob', { pattern: `${home}/**` }],
      ['Glob', { pattern: '/**/serve.json' }],
      ['Glob', { pattern: '../../../../*' }],
      ['Glob', { pattern: '*/../../../../../serve.json' }],
      ['Glob', { pattern: '.{.,x}/.{.,x}/.{.,x}/.{.,x}/*' }],
      ['Glob', { pattern: '[.][.]/[.][.]/*' }],
      ['Glob', { pattern: '\\.\\./*' }],
      ['Glob', { pattern: `{src,${home}}/*` }],
      ['LS', { path: home }],
      ['Read', { directory: home }],
      ['Read', { paths: [join(workspace, 'a.ts'), join(home, 'serve.json')] }],
      ['Read', { file_path: 'link/serve.json' }],
      ['Read', { file_path: '~/.ssh/id_ed25519' }],
      ['Read', { file_path: `file://${home}/serve.json` }],
    ]
    for (const [tool, input] of asked)
      expect({ tool, input, is: of(tool, input) }).toEqual({ tool, input, is: 'ask' })
    const allowed: [string, Record<string, unknown>][] = [
      ['Grep', { pattern: '/api/../x|~' }],
      ['Grep', { pattern: 'x', path: workspace, glob: '*.{ts,tsx}' }],
      ['Glob', { pattern: `${workspace}/**/*.ts` }],
      ['Glob', { pattern: '{src,test}/**/*.ts' }],
      ['LS', { path: '/etc' }],
      ['TodoWrite', { todos: [{ content: '../x' }] }],
    ]
    for (const [tool, input] of allowed)
      expect({ tool, input, is: of(tool, input) }).toEqual({ tool, input, is: 'allow' })
  })

  it('a folder of the user that contains the files of Runboard does not give them to its worker', () => {
    const workspace = temporaryFolder()
    const home = join(workspace, '.boards')
    mkdirSync(join(home, 'boards', 'x'), { recursive: true })
    const of = (tool_name: string, input: Record<string, unknown>, within = workspace) =>
      byPolicy({ tool_name, input }, { ...NONE, allow_edits: true }, { home, workspace: within })
    expect(of('Edit', { file_path: '.boards/config.json' })).toBe('ask')
    expect(of('Read', { file_path: '.boards/config.json' })).toBe('ask')
    expect(of('Grep', { pattern: 'token' })).toBe('ask')
    expect(of('Edit', { file_path: join(home, 'config.json') }, home)).toBe('ask')
    expect(of('Edit', { file_path: 'a.ts' })).toBe('allow')
    expect(of('Grep', { pattern: 'token', path: 'src' })).toBe('allow')
  })

  it('only the exact name of one of our tools is ours', () => {
    for (const tool of ['mcp__runboard__shell', 'mcp__runboard__x__show', 'mcp__runboard__show more'])
      expect(byPolicy({ tool_name: tool, input: {} }, NONE, places())).toBe('ask')
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
      '.',
      where.workspace,
      '~/.bashrc',
      '~',
      '$HOME/.bashrc',
      ' ~/.bashrc',
      'file:///etc/passwd',
      '.github/workflows/ci.yml',
      '.opencode/plugin/x.ts',
      'sub/OpenCode.json',
      '.qwen/settings.json',
      '.copilot/config.json',
      '.runboard/workflow.yaml',
      '.cursor/mcp.json',
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

  it('asks about a command that runs in another folder, whatever the agent calls the field', () => {
    const where = places()
    mkdirSync(join(where.workspace, 'sub'))
    symlinkSync('/etc', join(where.workspace, 'out'))
    const of = (more: Record<string, unknown>, within: Places = where) => {
      const wanted = { tool_name: 'Bash', input: { command: 'npm test', ...more } }
      const decision = byPolicy(wanted, { ...NONE, allowed_commands: ['=npm test'] }, within)
      return { more, decision, always: ruleFor(wanted, within) !== null }
    }
    const allowed = { decision: 'allow', always: true }
    const asked = { decision: 'ask', always: false }
    for (const field of ['cwd', 'workdir', 'directory', 'dir_path', 'working_directory', 'folder']) {
      for (const folder of [where.workspace, join(where.workspace, 'sub'), 'sub', '.', '', null])
        expect(of({ [field]: folder })).toMatchObject(allowed)
      for (const folder of ['/etc', '..', 'out', 'sub/../..', '~', '$HOME', where.home, 7, ['/etc']])
        expect(of({ [field]: folder })).toMatchObject(asked)
      expect(of({ [field]: '/etc' }, { ...where, workspace: null })).toMatchObject(asked)
    }
    expect(of({ description: 'in /etc', timeout: 5, is_background: false })).toMatchObject(allowed)
  })

  it('asks about a command that runs by another shell, with other variables, or outside of the sandbox', () => {
    for (const more of [
      { shell: '/tmp/sh' },
      { env: { PATH: '/tmp' } },
      { dangerouslyDisableSandbox: true },
      { with_escalated_permissions: true },
      { sandbox_permissions: 'require_escalated' },
    ])
      expect({ more, is: run('npm test', ['npm test'], more) }).toEqual({ more, is: 'ask' })
    const plain = { dangerouslyDisableSandbox: false, sandbox_permissions: 'use_default', shell: null }
    expect(run('npm test', ['npm test'], plain)).toBe('allow')
  })

  it('a command is allowed by a rule for exactly this command', () => {
    expect(run('npm  test', ['=npm test'])).toBe('allow')
    for (const command of ['npm test x', 'npm', '=npm test', 'npm test; x'])
      expect(run(command, ['=npm test'])).toBe('ask')
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
    ['nothing for a tool without a name', 'Call “do it”', {}, null],
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

type Input = OperationInput<'question.permission'>['input']
type Asked = OperationInput<'question.ask'>

describe('the permission prompt of an agent', () => {
  async function prompted(input: Input, tool_name = 'Bash') {
    const bundle = await setup()
    const { call, claim, create } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    const { id } = await create({ assignee: 'coder' })
    const { worker } = await claim(id)
    const permit = () => call('question.permission', { id, tool_name, input, tool_use_id: 'u1' }, worker)
    const asked = async () => {
      const newest = async () => (await call('question.list', {})).questions[0]
      const listed = await until(newest, 'the question')
      return (await call('question.show', { question_id: listed.id })).question
    }
    return { ...bundle, id, worker, permit, asked }
  }

  it('asks a person, and “always” becomes a rule of the profile', async () => {
    const { call, id, permit, asked } = await prompted({ command: 'npm test' })
    const first = permit()
    expect(await asked()).toMatchObject({
      kind: 'permission',
      title: 'Bash: npm test',
      options: ['allow', 'always', 'deny'],
      input: {
        tool_name: 'Bash',
        input: { command: 'npm test' },
        rule: 'exactly the command “npm test”',
      },
    })
    await call('question.answer', { question: id, option: 'always' })
    expect(await first).toEqual({ behavior: 'allow', updatedInput: { command: 'npm test' } })
    const { profile } = await call('profile.show', { name: 'coder' })
    expect(profile.allowed_commands).toEqual(['=npm test'])

    // No person is asked until the rule is removed.
    expect(await permit()).toMatchObject({ behavior: 'allow' })
    await call('profile.set', { name: 'coder', fields: { allowed_commands: [] } })
    const again = permit()
    await asked()
    await call('question.answer', { question: id, option: 'deny', text: 'Not now' })
    expect(await again).toEqual({ behavior: 'deny', message: 'Not now' })
  })

  it('has the rule before the agent gets the answer, and not if the answer is refused', async () => {
    const { call, id, permit, asked } = await prompted({ command: 'npm test' })
    const rules = async () => (await call('profile.show', { name: 'coder' })).profile.allowed_commands
    const first = permit()
    await asked()
    const always = call('question.answer', { question: id, option: 'always' })
    await call('question.answer', { question: id, option: 'deny' })
    await expect(always).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await first).toMatchObject({ behavior: 'deny' })
    expect(await rules()).toEqual([])

    const next = permit().then(rules)
    await asked()
    await call('question.answer', { question: id, option: 'always' })
    expect(await next).toEqual(['=npm test'])
  })

  it('offers no “always” for a command with shell syntax, and refuses that answer', async () => {
    const { call, id, permit, asked, refused } = await prompted({ command: 'a && b' })
    const waiting = permit()
    expect(await asked()).toMatchObject({ options: ['allow', 'deny'] })
    await refused('INVALID_INPUT', 'question.answer', { question: id, option: 'always' })
    await call('question.answer', { question: id, option: 'allow' })
    expect(await waiting).toMatchObject({ behavior: 'allow' })
  })

  it('offers no “always” for a command that is longer than a rule may be', async () => {
    const { call, id, permit, asked } = await prompted({ command: `echo ${'a'.repeat(1000)}` })
    const waiting = permit()
    expect(await asked()).toMatchObject({ options: ['allow', 'deny'] })
    await call('question.answer', { question: id, option: 'deny' })
    await waiting
  })

  it('offers no “always” to a profile that is full of rules, and refuses that answer when it fills up', async () => {
    const { call, id, permit, asked, refused } = await prompted({ command: 'npm test' })
    const full = { allowed_commands: Array.from({ length: 500 }, (_, n) => `make ${n}`) }
    const waiting = permit()
    expect(await asked()).toMatchObject({ options: ['allow', 'always', 'deny'] })
    await call('profile.set', { name: 'coder', fields: full })
    await refused('CONFLICT', 'question.answer', { question: id, option: 'always' })
    expect((await call('profile.show', { name: 'coder' })).profile).toMatchObject(full)
    // The question is still open.
    await call('question.answer', { question: id, option: 'allow' })
    expect(await waiting).toMatchObject({ behavior: 'allow' })
    const again = permit()
    expect(await asked()).toMatchObject({ options: ['allow', 'deny'] })
    await call('question.answer', { question: id, option: 'deny' })
    await again
  })

  it('cannot be forged by a worker with a question of its own', async () => {
    const { id, worker, refused } = await prompted({ command: 'x' })
    const input = {
      tool_name: 'Bash',
      input: { command: 'npm test' },
      rule: 'exactly the command “npm test”',
    }
    const forged = { id, title: 'May I?', kind: 'permission' as const, options: ['allow', 'always'] }
    const withInput = (asked: Asked) => ({ ...asked, input }) as Asked
    await refused('INVALID_INPUT', 'question.ask', forged, worker)
    await refused('INVALID_INPUT', 'question.ask', withInput(forged), worker)
    await refused('INVALID_INPUT', 'question.ask', { ...forged, diff: '+harmless' }, worker)
    await refused('INVALID_INPUT', 'question.ask', withInput({ id, title: 'May I?' }), worker)
  })

  it('is refused to a worker that no longer holds its run, whatever the rules of the next one are', async () => {
    const { call, claim, id, worker, refused } = await prompted({ command: 'npm test' })
    await call('profile.set', { name: 'coder', fields: { allowed_commands: ['npm test'] } })
    const input = { id, tool_name: 'Bash', input: { command: 'npm test' } }
    const stranger = { ...worker, worker: { ...worker.worker!, claim: 'another' } }
    await refused('UNAUTHORIZED', 'question.permission', input, stranger)
    await call('task.reclaim', { id })
    const stale = expect.objectContaining({ code: 'STALE_RUN' })
    await expect(call('question.permission', input, worker)).rejects.toEqual(stale)
    const next = await claim(id)
    await expect(call('question.permission', input, worker)).rejects.toEqual(stale)
    expect(await call('question.permission', input, next.worker)).toMatchObject({ behavior: 'allow' })
  })

  it('shows a command without a diff, and the changes of several files as one', async () => {
    const hidden = { command: 'rm x', file_path: 'a', new_string: 'harmless' }
    const { call, id, permit, asked } = await prompted(hidden)
    const waiting = permit()
    expect(await asked()).toMatchObject({ diff: null })
    await call('question.answer', { question: id, option: 'deny' })
    await waiting
    const changes = ['a', 'b'].map((name) => ({ file_path: name, old_string: 'x', new_string: name }))
    const several = await prompted({ paths: ['a', 'b'], changes }, 'Edit')
    const edit = several.permit()
    const head = (name: string) => `--- ${name}\n+++ ${name}\n@@ -1,1 +1,1 @@\n-x\n+${name}`
    expect((await several.asked()).diff).toBe(`${head('a')}\n${head('b')}`)
    await several.call('question.answer', { question: several.id, option: 'deny' })
    await edit
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

  it('says in a diff that the change was cut', async () => {
    const edit = { file_path: '/w/a.ts', old_string: '', new_string: 'x'.repeat(300_000) }
    const { call, id, permit, asked } = await prompted(edit, 'Edit')
    const waiting = permit()
    const { diff } = await asked()
    expect(diff?.split('\n').at(-1)).toMatch(/^\\ The change was cut here: 100\d{3} more characters/)
    await call('question.answer', { question: id, option: 'deny' })
    await waiting
  })

  it('is refused when the run ends meanwhile', async () => {
    const { call, id, permit, asked } = await prompted({ command: 'x y' })
    const waiting = permit()
    await asked()
    await call('task.stop', { id })
    expect(await waiting).toMatchObject({ behavior: 'deny' })
  })
})
