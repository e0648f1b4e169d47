import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMIT } from '../testing/repository.ts'
import { EDIT, stageWork as stage } from '../testing/work-stage.ts'

it('shows the diff of a worktree: commits, files, hunks with both line numbers, and uncommitted changes', async () => {
  const { call, run } = await stage(`${EDIT}; printf 'a\\nb\\n' > "odd ünd \\"name\\".txt"`)
  const id = await run()
  const diff = await call('task.diff', { id })
  expect(diff).toMatchObject({
    branch: `runboard/${id}`,
    into: 'main',
    merge_refusal: null,
    uncommitted: 1,
    commits_count: 1,
    commits: [{ subject: 'Change three', author: 'Test' }],
    files_count: 3,
  })
  expect(
    diff.files.map(({ path, change, additions, deletions, tracked }) => [
      path,
      change,
      additions,
      deletions,
      tracked,
    ]),
  ).toEqual([
    ['fresh.txt', 'added', 1, 0, true],
    ['notes.txt', 'modified', 1, 1, true],
    ['odd ünd "name".txt', 'added', 2, 0, false],
  ])
  expect(diff.files[1]?.hunks).toEqual([
    {
      old_start: 1,
      new_start: 1,
      heading: '',
      lines: [
        { kind: 'context', text: 'one', old_line: 1, new_line: 1 },
        { kind: 'context', text: 'two', old_line: 2, new_line: 2 },
        { kind: 'removed', text: 'three', old_line: 3, new_line: null },
        { kind: 'added', text: 'THREE', old_line: null, new_line: 3 },
        { kind: 'context', text: 'four', old_line: 4, new_line: 4 },
        { kind: 'context', text: 'five', old_line: 5, new_line: 5 },
      ],
    },
  ])
})

it('does not follow links out of the worktree, shows no binary, and cuts an endless diff', async () => {
  const work = `git mv notes.txt moved.txt; printf 'a\\0b' > blob; yes line | head -n 30000 > long.txt; git add -A; ${COMMIT} x`
  const bundle = await stage(work)
  const id = await bundle.run()
  const { worktree } = await bundle.call('task.diff', { id })
  symlinkSync('/etc/passwd', join(worktree!, 'link'))
  const { files } = await bundle.call('task.diff', { id })
  const short = Object.fromEntries(
    files.map(({ path, old_path, change, binary, cut, hunks }) => [
      path,
      { old_path, change, binary, cut, lines: hunks.flatMap(({ lines }) => lines).length },
    ]),
  )
  expect(short).toEqual({
    blob: { old_path: null, change: 'added', binary: true, cut: false, lines: 0 },
    'long.txt': { old_path: null, change: 'added', binary: false, cut: true, lines: 2000 },
    'moved.txt': { old_path: 'notes.txt', change: 'renamed', binary: false, cut: false, lines: 0 },
    link: { old_path: null, change: 'added', binary: true, cut: false, lines: 0 },
  })
})

it('merges all of the work into its branch, updates a clean checkout, and approves the task', async () => {
  const { call, events, repository, run, task } = await stage(`${EDIT}; printf 'late\\n' > late.txt`)
  const id = await run()
  repository.commit('other.txt', 'meanwhile\n')

  const merged = await call('task.merge', { id, message: 'Take it' })

  expect(merged).toMatchObject({ task: { id, status: 'done' }, into: 'main' })
  expect(repository.git('log', '-1', '--format=%s %H')).toBe(`Take it ${merged.commit}`)
  const read = (file: string) => readFileSync(join(repository.folder, file), 'utf8')
  expect([read('fresh.txt'), read('late.txt'), read('other.txt')]).toEqual(['new\n', 'late\n', 'meanwhile\n'])
  expect(repository.git('status', '--porcelain')).toBe('')
  expect((await events(id)).slice(-2).map(({ kind, payload }) => [kind, payload])).toEqual([
    ['merged', expect.objectContaining({ into: 'main', commit: merged.commit, by: 'ada' })],
    ['approved', { note: 'Merged into main' }],
  ])
  expect((await call('task.diff', { id })).merge_refusal).toBe(
    `Merged as ${merged.commit.slice(0, 9)} into main.`,
  )
  expect((await task(id)).status).toBe('done')
})

it('leaves every checkout unchanged when it merges into a branch that is not checked out', async () => {
  const { call, repository, run } = await stage(EDIT)
  repository.git('branch', 'release')
  repository.write('notes.txt', 'my own unsaved thoughts\n')
  const id = await run({ base_ref: 'release' })
  const { into } = await call('task.merge', { id })
  expect(into).toBe('release')
  expect(repository.git('show', 'release:fresh.txt')).toBe('new')
  expect(readFileSync(join(repository.folder, 'notes.txt'), 'utf8')).toBe('my own unsaved thoughts\n')
  expect(existsSync(join(repository.folder, 'fresh.txt'))).toBe(false)
})

it('does not touch a checkout with changes of its own: refuses the merge and says where', async () => {
  const { refused, call, repository, run } = await stage(EDIT)
  const id = await run()
  repository.write('notes.txt', 'mine\n')
  const before = repository.git('rev-parse', 'main')
  const error = await refused('CONFLICT', 'task.merge', { id })
  expect(error.message).toBe(
    `main is checked out in ${repository.folder} with one changed file. Commit or stash it first.`,
  )
  expect((await call('task.diff', { id })).merge_refusal).toBe(error.message)
  expect(repository.git('rev-parse', 'main')).toBe(before)
  expect(readFileSync(join(repository.folder, 'notes.txt'), 'utf8')).toBe('mine\n')
})

it('refuses conflicts before anything is written, and names the files', async () => {
  const { refused, repository, run } = await stage(EDIT)
  const id = await run()
  repository.commit('notes.txt', 'one\ntwo\n3\nfour\nfive\n')
  const before = repository.git('rev-parse', 'main')
  const error = await refused('CONFLICT', 'task.merge', { id })
  expect(error.message).toMatch(/^Merge conflict with main in notes\.txt\./)
  expect(repository.git('rev-parse', 'main')).toBe(before)
  expect(repository.git('status', '--porcelain')).toBe('')
})

it('passes uncommitted work through the hooks of the repository, or merges nothing', async () => {
  const { refused, call, repository, run } = await stage(
    `${EDIT}; printf 'late\\n' > late.txt; echo x > staged.txt; git add staged.txt`,
  )
  const id = await run()
  const hook = join(repository.folder, '.git/hooks/pre-commit')
  writeFileSync(hook, '#!/bin/sh\necho "late.txt holds a secret" >&2\nexit 1\n', { mode: 0o755 })
  // Hooks that were added after the project was chosen run only once a person accepts them.
  const accept = () => call('board.set', { slug: 'test', settings: { project_dir: repository.folder } })
  expect((await refused('CONFLICT', 'task.merge', { id })).message).toContain('hook pre-commit')
  await accept()
  const { worktree, head } = await call('task.diff', { id })
  const look = () => [
    repository.git('-C', worktree!, 'status', '--porcelain'),
    repository.git('rev-parse', 'main', `runboard/${id}`),
  ]
  const before = look()

  const error = await refused('CONFLICT', 'task.merge', { id })

  expect(error.message).toContain(`left uncommitted in ${worktree} could not be committed`)
  expect(error.message).toContain('late.txt holds a secret')
  expect(look()).toEqual(before)
  expect(before[0]).toBe('A  staged.txt\n?? late.txt')

  writeFileSync(hook, '#!/bin/sh\ngit diff --cached --name-only > .git-hook-saw 2>&1 || exit 1\n')
  await accept()
  await call('task.merge', { id, message: 'Take it' })
  expect(readFileSync(join(worktree!, '.git-hook-saw'), 'utf8')).toBe('late.txt\nstaged.txt\n')
  expect(repository.git('rev-parse', `runboard/${id}^`)).toBe(head)
})

it('discard moves the folder with all its files to the trash, keeps the branch, and archives the task', async () => {
  const { call, repository, run } = await stage(`${EDIT}; printf 'unsaved\\n' > unsaved.txt`)
  const id = await run()
  const { worktree, head } = await call('task.diff', { id })

  const { moved_to, branch, task } = await call('task.discard', { id })

  expect(task.status).toBe('archived')
  expect(existsSync(worktree!)).toBe(false)
  expect(readFileSync(join(moved_to, 'unsaved.txt'), 'utf8')).toBe('unsaved\n')
  expect(branch).toBe(`runboard/${id}`)
  expect(repository.git('rev-parse', branch)).toBe(head)
  expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1)
  // The branch remains and can still be read.
  expect(await call('task.diff', { id })).toMatchObject({ worktree: null, commits_count: 1, uncommitted: 0 })
})

it('creates a branch for commits that no branch holds before it removes their worktree', async () => {
  const { call, repository, run } = await stage(`git checkout -q --detach; ${EDIT}`)
  const id = await run()
  const { head, branch } = await call('task.diff', { id })
  expect(branch).toBeNull()
  const discarded = await call('task.discard', { id })
  expect(discarded.branch).toBe(`runboard/kept/${id}`)
  expect(repository.git('rev-parse', discarded.branch)).toBe(head)
})

it('neither merges nor discards while a worker is in the worktree, or without a worktree', async () => {
  const { call, claim, create, refused, run } = await stage(EDIT)
  const id = await run()
  await call('task.request_changes', { id, note: 'Once more' })
  await claim(id)
  for (const name of ['task.merge', 'task.discard'] as const) {
    expect((await refused('CONFLICT', name, { id })).message).toContain('is running in this worktree')
  }
  const scratch = await create({ title: 'Scratch', workspace: 'scratch' })
  for (const name of ['task.diff', 'task.merge', 'task.discard'] as const) {
    expect((await refused('CONFLICT', name, { id: scratch.id })).message).toContain(
      'only a worktree has a diff',
    )
  }
  const fresh = await create({ title: 'Fresh', workspace: 'worktree' })
  expect((await refused('CONFLICT', 'task.diff', { id: fresh.id })).message).toContain('has no worktree yet')
})

it('does not take away a worktree that other tasks still work in', async () => {
  const { call, create, refused, run } = await stage(EDIT)
  const id = await run()
  await create({ title: 'Works there too', parents: [id], workspace: 'parent' })
  expect((await refused('CONFLICT', 'task.discard', { id })).message).toContain('is shared with')
  await call('task.merge', { id })
})

describe('a change that is not one of lines', () => {
  /** Prepares the project, and what the worker does then. */
  const CHANGES: [string, string, string, object][] = [
    [
      'a file that became a link',
      `printf 'a\\nb\\n' > it`,
      'rm it; ln -s notes.txt it',
      { change: 'modified', additions: 1, deletions: 2, lines: ['-a', '-b', '+notes.txt'] },
    ],
    [
      'a link that became a file',
      'ln -s notes.txt it',
      `rm it; printf 'a\\nb\\n' > it`,
      { change: 'modified', additions: 2, deletions: 1, lines: ['-notes.txt', '+a', '+b'] },
    ],
    [
      'only a mode',
      'echo a > it',
      'chmod +x it',
      { change: 'modified', additions: 0, deletions: 0, lines: [] },
    ],
    [
      'a file that was moved and changed',
      'seq 1 20 > old',
      'git mv old it; echo 21 >> it',
      { change: 'renamed', old_path: 'old', additions: 1, deletions: 0 },
    ],
    [
      'a binary file',
      `printf 'a\\0b' > it`,
      `printf 'a\\0c' > it`,
      { change: 'modified', binary: true, additions: null, lines: [] },
    ],
    [
      'a text that became binary',
      'echo a > it',
      `printf 'a\\0c' > it`,
      { change: 'modified', binary: true, additions: null, lines: [] },
    ],
    [
      'a file that became a folder',
      'echo a > old',
      'rm old; mkdir old; echo b > old/it',
      { path: 'old/it', change: 'added', additions: 1, lines: ['+b'] },
    ],
  ]

  it.each(CHANGES)(
    '%s: has its counts and its lines, and so has its neighbour',
    async (_name, before, after, seen) => {
      const { call, repository, run } = await stage(
        `${after}; sed -i s/one/ONE/ notes.txt; git add -A; ${COMMIT} x`,
      )
      execFileSync('sh', ['-c', before], { cwd: repository.folder })
      repository.commit('before.txt', 'x')
      const { files } = await call('task.diff', { id: await run() })
      const signs = { added: '+', removed: '-', context: ' ' } as const
      const shown = files.map((file) => ({
        ...file,
        lines: file.hunks.flatMap(({ lines }) => lines.map(({ kind, text }) => signs[kind] + text)),
      }))
      expect(shown).toContainEqual(expect.objectContaining({ path: 'it', cut: false, ...seen }))
      const neighbour = shown.find(({ path }) => path === 'notes.txt')
      expect(neighbour?.lines.slice(0, 2)).toEqual(['-one', '+ONE'])
      expect(neighbour).toMatchObject({ additions: 1, deletions: 1 })
    },
  )
})
