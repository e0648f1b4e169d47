import { describe, expect, it } from 'vitest'
import { changedFilesWords } from '../../formats/changed-files.ts'
import { setEnvironment } from '../testing/environment.ts'
import { COMMIT } from '../testing/repository.ts'
import { temporaryFolder } from '../testing/setup.ts'
import { stageWork } from '../testing/work-stage.ts'
import { listedPids, observeBefore } from './observed.ts'

const LEFT = `printf 'new\\n' > fresh.txt; git mv notes.txt moved.txt; git add -A; ${COMMIT} 'Move'; echo left > left.txt; echo x >> moved.txt`

describe('G14: the files that a run changed', () => {
  it('match the diff of the work, including uncommitted files', async () => {
    const { call, run, runs } = await stageWork(LEFT)
    const id = await run()

    const diff = await call('task.diff', { id })
    const [observed] = (await runs(id)).map((each) => each.observed)

    expect(diff).toMatchObject({ files_count: 3, uncommitted: 2 })
    expect(observed).toMatchObject({ work_files_count: 3, work_uncommitted: 2 })
    expect(changedFilesWords(observed)).toBe('3 files, 2 not committed')
  })

  it('include the work of earlier attempts, as the diff does', async () => {
    const stage = await stageWork(
      `echo "$RUNBOARD_ATTEMPT" > "attempt-$RUNBOARD_ATTEMPT.txt"; git add -A; ${COMMIT} 'Try'`,
    )
    const id = await stage.run()
    await stage.call('task.request_changes', { id, note: 'Again' })
    await stage.drain()

    const [, second] = await stage.runs(id)
    expect((await stage.call('task.diff', { id })).files_count).toBe(2)
    expect(second?.observed).toMatchObject({
      files_changed: ['attempt-2.txt'],
      work_files_count: 2,
      work_uncommitted: 0,
    })
  })

  it('that are not committed are counted on the card, until the work is merged', async () => {
    const { call, create, run } = await stageWork(LEFT)
    const id = await run()
    await create({ title: 'Without work' })
    const onCards = async () =>
      Object.fromEntries((await call('task.list', {})).tasks.map((card) => [card.id, card.uncommitted_files]))
    expect(Object.values(await onCards()).sort()).toEqual([2, null])

    await call('task.merge', { id })
    expect((await onCards())[id] ?? null).toBeNull()
  })
})

it('lists at most 50 of the processes that a worker left', () => {
  const left = Array.from({ length: 5000 }, (_, pid) => ({ pid }))
  expect(listedPids(left)).toEqual(Array.from({ length: 50 }, (_, pid) => pid))
})

it('a worker in a plain folder starts where git is not installed', async () => {
  setEnvironment('PATH', temporaryFolder())
  expect(await observeBefore({ workspace_kind: 'dir' }, temporaryFolder())).toEqual({})
})
