import { describe, expect, it } from 'vitest'
import { parseFilePatch, parseNumstat, patchOfNewFile, splitPatch } from './parse-patch.ts'

const budget = () => ({ lines: 1000 })

describe('the line counts of a difference', () => {
  it('are read with names of any characters, for moved files too', () => {
    const output = '1\t2\ta b\tc.txt\0-\t-\tpicture.png\x000\t0\t\0old\nname\0new name\0'
    expect(parseNumstat(output)).toEqual([
      { path: 'a b\tc.txt', old_path: null, additions: 1, deletions: 2 },
      { path: 'picture.png', old_path: null, additions: null, deletions: null },
      { path: 'new name', old_path: 'old\nname', additions: 0, deletions: 0 },
    ])
  })
})

describe('a patch', () => {
  const text = (lines: string[]) => ['diff --git a/x b/x', '--- a/x', '+++ b/x', ...lines, ''].join('\n')

  it('is not confused by content that looks like a patch', () => {
    const posing = ['@@ -1,2 +1,3 @@ fn main', ' diff --git a/y b/y', '-@@ -9 +9 @@', '+--- a/z', '++++ b/z']
    const parts = splitPatch(text(posing))
    expect(parts).toHaveLength(1)
    expect(parseFilePatch(parts[0]!, budget()).hunks).toEqual([
      {
        old_start: 1,
        new_start: 1,
        heading: 'fn main',
        lines: [
          { kind: 'context', text: 'diff --git a/y b/y', old_line: 1, new_line: 1 },
          { kind: 'removed', text: '@@ -9 +9 @@', old_line: 2, new_line: null },
          { kind: 'added', text: '--- a/z', old_line: null, new_line: 2 },
          { kind: 'added', text: '+++ b/z', old_line: null, new_line: 3 },
        ],
      },
    ])
  })

  it('is not split at a carriage return in the content', () => {
    expect(
      splitPatch(text(['@@ -1 +1 @@', '+one\rdiff --git a/y b/y', '+two\u2028diff --git a/z b/z'])),
    ).toHaveLength(1)
  })

  it('is cut when the budget is used up, over all its files', () => {
    const shared = { lines: 3 }
    const part = text(['@@ -0,0 +1,2 @@', '+a', '+b'])
    expect(parseFilePatch(part, shared)).toMatchObject({ cut: false })
    expect(parseFilePatch(part, shared)).toMatchObject({ cut: true, hunks: [{ lines: [{ text: 'a' }] }] })
  })

  it('cuts long lines, and hides the line ends of Windows', () => {
    const [line] = parseFilePatch(text(['@@ -0,0 +1 @@', `+${'x'.repeat(5000)}`]), budget()).hunks[0]!.lines
    expect(line!.text).toHaveLength(1001)
    const [crlf] = parseFilePatch(text(['@@ -0,0 +1 @@', '+a\r']), budget()).hunks[0]!.lines
    expect(crlf!.text).toBe('a')
  })

  it('says what happened to the file', () => {
    const changeOf = (head: string) => parseFilePatch(`diff --git a/x b/x\n${head}\n`, budget()).change
    expect(changeOf('new file mode 100644')).toBe('added')
    expect(changeOf('deleted file mode 100644')).toBe('deleted')
    expect(changeOf('similarity index 98%\nrename from x\nrename to y')).toBe('renamed')
    expect(changeOf('old mode 100644\nnew mode 100755')).toBe('modified')
  })
})

it('an untracked file is shown as added, even if it is empty or lacks its last line end', () => {
  expect(patchOfNewFile('', budget())).toMatchObject({ additions: 0, hunks: [] })
  expect(patchOfNewFile('a\nb', budget())).toMatchObject({
    additions: 2,
    hunks: [{ lines: [{ new_line: 1 }, { new_line: 2 }] }],
  })
  expect(patchOfNewFile(null, budget())).toMatchObject({ binary: true, additions: null })
})
