import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardExport } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'

/** A board whose one task has two files, exported to a file. */
async function exported(format: 'json' | 'jsonl' = 'json') {
  const bundle = await setup()
  const attachments = [
    { name: 'notes.md', content: Buffer.from('# Notes').toString('base64') },
    { name: 'shot.png', content: Buffer.from('89504e470d0a1a0a', 'hex').toString('base64') },
  ]
  const task = await bundle.create({ attachments })
  const [first] = (await bundle.call('attachment.list', { id: task.id })).attachments
  const out = join(temporaryFolder(), `board.${format}`)
  const write = () => bundle.call('exchange.export', { format, out })
  await write()
  return { ...bundle, id: task.id, out, write, first: first?.path ?? '' }
}

function elsewhere() {
  const home = temporaryFolder()
  const kernel = openKernel({ home, clock: () => 1, checkOutputs: true })
  cleanUp(() => kernel.close())
  return { home, kernel, person: { actor: 'bob', trigger: 'human' as const } }
}

/** Everything in the folder of boards, hidden folders too. */
function boardsIn(home: string): string[] {
  const folder = join(home, 'boards')
  return existsSync(folder) ? readdirSync(folder) : []
}

describe('an exported board with attachments', () => {
  it.each(['json', 'jsonl'] as const)('brings its files along, as %s', async (format) => {
    const { id, out } = await exported(format)
    const { kernel, person } = elsewhere()
    await kernel.call('exchange.import_json', { path: out, slug: 'copy' }, person)
    const { attachments } = await kernel.call('attachment.list', { id }, { ...person, board: 'copy' })
    expect(attachments.map(({ name, media_type }) => [name, media_type])).toEqual([
      ['notes.md', 'text/plain'],
      ['shot.png', 'image/png'],
    ])
    expect(readFileSync(attachments[0]?.path ?? '', 'utf8')).toBe('# Notes')
  })

  it('brings them into an existing empty board too', async () => {
    const { id, out } = await exported()
    const { kernel, person } = elsewhere()
    await kernel.call('board.create', { slug: 'empty' }, person)
    await kernel.call('exchange.import_json', { path: out, slug: 'empty' }, person)
    const { attachments } = await kernel.call('attachment.list', { id }, { ...person, board: 'empty' })
    expect(readFileSync(attachments[0]?.path ?? '', 'utf8')).toBe('# Notes')
  })

  it('says which file was missing when it was exported', async () => {
    const { id, out, write, first } = await exported()
    unlinkSync(first)
    await write()
    const { kernel, person } = elsewhere()
    const { warnings } = await kernel.call('exchange.import_json', { path: out, slug: 'copy' }, person)
    expect(warnings).toEqual([expect.stringContaining(`notes.md of ${id}`)])
    const { attachments } = await kernel.call('attachment.list', { id }, { ...person, board: 'copy' })
    expect(attachments.map(({ name }) => name)).toEqual(['shot.png'])
  })

  it.each([
    ['another content', (file: BoardExport['attachments'][number]) => (file.content = 'eA==')],
    ['a name with a path', (file: BoardExport['attachments'][number]) => (file.name = '../../../x')],
    ['an unknown task', (file: BoardExport['attachments'][number]) => (file.task_id = 't_00000000')],
  ])('is refused with %s, and nothing is written', async (_name, change) => {
    const { out } = await exported()
    const document = JSON.parse(readFileSync(out, 'utf8')) as BoardExport
    const [file] = document.attachments
    if (file === undefined) throw new Error('no attachment was exported')
    change(file)
    writeFileSync(out, JSON.stringify(document))
    const { home, kernel, person } = elsewhere()
    await expect(
      kernel.call('exchange.import_json', { path: out, slug: 'copy' }, person),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(boardsIn(home)).toEqual([])
  })

  it('of a version without attachments is still read', async () => {
    const { id, out } = await exported()
    const { attachments: _unknown, ...document } = JSON.parse(readFileSync(out, 'utf8')) as BoardExport
    const tasks = document.tasks.map(({ labels: _l, rank: _r, due_at: _d, ...task }) => task)
    writeFileSync(out, JSON.stringify({ ...document, tasks }))
    const { kernel, person } = elsewhere()
    await kernel.call('exchange.import_json', { path: out, slug: 'copy' }, person)
    const { task, attachments } = await kernel.call('task.show', { id }, { ...person, board: 'copy' })
    expect([task.labels, attachments]).toEqual([[], []])
  })
})
