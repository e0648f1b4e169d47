import { describe, expect, onTestFinished, test } from 'vitest'
import { git } from './git.ts'
import { fixture, repository } from './test-workspace.ts'

describe('git', () => {
  test('fails with its own words as a sentence', async () => {
    const { project } = repository()
    await expect(git(project, ['rev-parse', '--verify', 'nothing'])).rejects.toThrow(
      `git rev-parse failed in ${project}: Needed a single revision.`,
    )
  })

  test('is ended when it takes too long', async () => {
    const { project } = repository()
    const slow = ['-c', 'alias.slow=!sleep 60', 'slow']
    await expect(git(project, slow, { timeout_ms: 50 })).rejects.toThrow(/took longer than 0.05 s/)
  })

  test('that is not installed is said so', async () => {
    const { path } = fixture()
    const before = process.env['PATH']
    process.env['PATH'] = path('.')
    onTestFinished(() => {
      process.env['PATH'] = before
    })
    await expect(git(path('.'), ['status'])).rejects.toThrow('git is not installed, or not on the PATH.')
  })
})
