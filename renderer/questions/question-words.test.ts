import { describe, expect, it } from 'vitest'
import { patchLines, ruleOf, wantedOf } from './question-words.ts'

const permission = (input: Record<string, unknown>, diff: string | null = null) =>
  wantedOf({ kind: 'permission', options: [], input: { tool_name: 'Tool', input } as never, diff })

describe('what a worker asks permission for', () => {
  it('is its command, and each other field of its input', () => {
    expect(permission({ command: 'rm a' })).toEqual({ command: 'rm a', rest: null })
    const more = permission({ command: 'rm a', cwd: '/etc', run_in_background: true })
    expect(more.command).toBe('rm a')
    expect(JSON.parse(more.rest ?? '')).toEqual({ cwd: '/etc', run_in_background: true })
    expect(JSON.parse(permission({ command: ['rm', 'a'] }).rest ?? '')).toEqual({ command: ['rm', 'a'] })
  })

  it('is not the rule of “always”, which has a line of its own', () => {
    const input = {
      tool_name: 'Bash',
      input: { command: 'ls' },
      rule: 'commands that begin with “ls”',
    } as never
    const question = { kind: 'permission', input, diff: null } as const
    expect(wantedOf({ ...question, options: ['allow', 'always'] }).rest).toBeNull()
    expect(wantedOf({ ...question, options: ['allow'] }).rest).toContain('begin with')
  })

  it('is the input without what the diff shows', () => {
    const diff = '--- /w/a\n+++ /w/a\n@@ -1,1 +1,2 @@\n-one\n+two\n+three'
    const edit = { file_path: '/w/a', old_string: 'one', new_string: 'two\nthree' }
    expect(permission(edit, diff).rest).toBeNull()
    expect(JSON.parse(permission({ ...edit, replace_all: true }, diff).rest ?? '')).toEqual({
      replace_all: true,
    })
    expect(permission({ ...edit, command: 'rm a' }, diff).command).toBe('rm a')
    const edits = [{ old_string: 'one', new_string: 'two\nthree' }]
    expect(permission({ file_path: '/w/a', edits }, diff).rest).toBeNull()
    const all = edits.map((one) => ({ ...one, replace_all: true }))
    expect(JSON.parse(permission({ file_path: '/w/a', edits: all }, diff).rest ?? '')).toEqual({
      edits: [{ replace_all: true }],
    })
  })

  it('is also what a diff that was cut, or that shows another change, leaves out', () => {
    const edit = { file_path: '/w/b', old_string: '', new_string: 'two\nthree' }
    const rest = permission(
      edit,
      '--- /w/a\n+++ /w/a\n@@ -0,0 +1,1 @@\n+two\n\\ The change was cut here',
    ).rest
    expect(JSON.parse(rest ?? '')).toEqual({ file_path: '/w/b', new_string: 'two\nthree' })
  })

  it('shows that a diff was cut apart from its lines', () => {
    expect(patchLines('+two\n\\ The change was cut here').map(({ kind }) => kind)).toEqual(['added', 'head'])
  })
})

const input = { tool_name: 'Bash', input: { command: 'npm test' }, rule: 'exactly the command “npm test”' }

it('“Always allow” says the rule that the kernel adds', () => {
  const words = ruleOf({ kind: 'permission', options: ['allow', 'always', 'deny'], input })
  expect(words).toContain('adds a rule to the profile: exactly the command “npm test”.')
})

it('says no rule where none is offered, or for a text of a worker', () => {
  expect(ruleOf({ kind: 'permission', options: ['allow', 'deny'], input })).toBeNull()
  expect(ruleOf({ kind: 'text', options: ['always'], input })).toBeNull()
})
