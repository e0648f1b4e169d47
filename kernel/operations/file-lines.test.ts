import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

const many = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`)

describe('lines around a change', () => {
  it('are read from the commit that the diff is measured against, at most 500 of them', async () => {
    const { call, inReview, repository } = await worktreeStage()
    repository.commit('src/[long].txt', `${many(900).join('\r\n')}\r\n`)
    const { id } = await inReview(({ write }) => write('src/[long].txt', 'all gone\n'))
    const { base } = await call('task.diff', { id })
    const path = 'src/[long].txt'

    expect(await call('task.file_lines', { id, commit: base, path, from: 3, to: 5 })).toEqual({
      lines: ['line 3', 'line 4', 'line 5'],
      total: 900,
    })
    const most = await call('task.file_lines', { id, commit: base, path, from: 1, to: 900 })
    expect(most.lines).toEqual(many(500))
    expect(await call('task.file_lines', { id, commit: base, path, from: 901, to: 950 })).toEqual({
      lines: [],
      total: 900,
    })
  })

  it('are refused for anything but a text file of the commit', async () => {
    const { call, home, inReview, refused, repository } = await worktreeStage()
    writeFileSync(join(home, 'secret.txt'), 'secret\n')
    symlinkSync(join(home, 'secret.txt'), join(repository.folder, 'link.txt'))
    repository.commit('zeros.bin', 'a\0b')
    const { id } = await inReview(({ write }) => write('new.txt', 'not committed\n'))
    const { base } = await call('task.diff', { id })
    for (const path of ['link.txt', 'zeros.bin', 'new.txt', '../secret.txt', '.git/config', 'nosuch', home]) {
      await refused('CONFLICT', 'task.file_lines', { id, commit: base, path, from: 1, to: 5 })
    }
    await refused('CONFLICT', 'task.file_lines', {
      id,
      commit: '0'.repeat(40),
      path: 'notes.txt',
      from: 1,
      to: 5,
    })
    await refused('INVALID_INPUT', 'task.file_lines', {
      id,
      commit: '--output=x',
      path: 'notes.txt',
      from: 1,
      to: 5,
    })
  })
})

it('the digest of a changed file changes with its change, also past the lines that are shown', async () => {
  const { call, inReview } = await worktreeStage()
  const { id, write } = await inReview(({ commit, write: add }) => {
    commit('committed.txt', `${many(4000).join('\n')}\n`)
    add('new.txt', 'new\n')
  })
  const digests = async () => {
    const { files } = await call('task.diff', { id })
    return Object.fromEntries(files.map(({ path, digest }) => [path, digest]))
  }
  const before = await digests()
  expect(await digests()).toEqual(before)
  write('committed.txt', `${many(4001).join('\n')}\n`)
  const after = await digests()
  expect(after['committed.txt']).not.toBe(before['committed.txt'])
  expect(after['new.txt']).toBe(before['new.txt'])
})
