import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setup } from '../testing/setup.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex')
const base64 = (text: string) => Buffer.from(text).toString('base64')

async function withTask() {
  const bundle = await setup()
  const { id } = await bundle.create({ assignee: 'coder' })
  const folder = join(bundle.home, 'boards', bundle.slug, 'attachments')
  const files = () => (existsSync(folder) ? readdirSync(folder) : [])
  const given = (name: string, content: string | Buffer) => {
    const path = join(bundle.home, name)
    writeFileSync(path, content)
    return path
  }
  return { ...bundle, id, files, given }
}

describe('a file attached to a task', () => {
  it('is copied for its user alone, shown, and named in the context with its path', async () => {
    const { call, id, given } = await withTask()
    const { attachments } = await call('attachment.add', { id, attach: [given('shot.png', PNG)] })
    const [file] = attachments
    expect(file).toMatchObject({ name: 'shot.png', media_type: 'image/png', size_bytes: 10, run_id: null })
    expect(readFileSync(file?.path ?? '')).toEqual(PNG)
    expect(statSync(file?.path ?? '').mode & 0o077).toBe(0)
    expect((await call('task.show', { id })).attachments).toEqual(attachments)
    const { context } = await call('task.context', { id })
    expect(context).toContain(`## Attachments\n\n- ${file?.path ?? ''} (image/png, 10 bytes)`)
    const read = await call('attachment.read', { attachment_id: file?.id ?? 0 })
    expect(Buffer.from(read.content, 'base64')).toEqual(PNG)
  })

  it('is there before the worker that it is for, when it is given with the new task', async () => {
    const { call, create } = await withTask()
    const task = await create({ title: 'Look', attachments: [{ name: 'a.txt', content: base64('hello') }] })
    expect((await call('attachment.list', { id: task.id })).attachments).toMatchObject([
      { name: 'a.txt', media_type: 'text/plain' },
    ])
  })

  it('belongs to the run that hands it over, and is named in the context of what waited for it', async () => {
    const { call, claim, create, id, given } = await withTask()
    const child = await create({ parents: [id] })
    const { run, worker } = await claim(id)
    await call('task.complete', { id, summary: 'Done', attach: [given('report.pdf', '%PDF-1.7')] }, worker)
    const [file] = (await call('attachment.list', { id })).attachments
    expect(file).toMatchObject({ name: 'report.pdf', media_type: 'application/pdf', run_id: run.id })
    expect((await call('task.context', { id: child.id })).context).toContain(
      `Files:\n- ${file?.path ?? ''} (application/pdf, 8 bytes, handed over by a run)`,
    )
  })

  it('goes to the trash when it is removed, unless another task has the same file', async () => {
    const { call, create, home, slug, id, files } = await withTask()
    const attachments = [{ name: 'a.txt', content: base64('same') }]
    const other = await create({ attachments })
    const { attachments: added } = await call('attachment.add', { id, attachments })
    await call('attachment.remove', { attachment_id: added[0]?.id ?? 0 })
    expect(files()).toHaveLength(1)
    const [rest] = (await call('attachment.list', { id: other.id })).attachments
    await call('attachment.remove', { attachment_id: rest?.id ?? 0 })
    expect(files()).toHaveLength(0)
    expect(readdirSync(join(home, 'boards', slug, 'trash'))).toEqual([expect.stringMatching(/a\.txt$/)])
  })

  it('is refused when it has been changed in the folder', async () => {
    const { call, id, refused, given } = await withTask()
    const { attachments } = await call('attachment.add', { id, attach: [given('a.txt', 'hello')] })
    const [file] = attachments
    writeFileSync(file?.path ?? '', 'other')
    await refused('CONFLICT', 'attachment.read', { attachment_id: file?.id ?? 0 })
  })
})

describe('what cannot be attached', () => {
  it.each([
    ['a folder', (home: string) => mkdirSync(join(home, 'x'))],
    ['a FIFO', (home: string) => void execFileSync('mkfifo', [join(home, 'x')])],
    ['a missing file', () => undefined],
    ['a link to nothing', (home: string) => symlinkSync('/nonexistent', join(home, 'x'))],
  ])('%s is refused, and nothing is kept', async (_name, make) => {
    const { home, id, refused, files, given } = await withTask()
    make(home)
    await refused('INVALID_INPUT', 'attachment.add', {
      id,
      attach: [given('good.txt', 'x'), join(home, 'x')],
    })
    expect(files()).toEqual([])
  })

  it('a file over the limit is refused', async () => {
    const { id, refused, files, given } = await withTask()
    const path = given('large', '')
    truncateSync(path, 20 * 1024 * 1024 + 1)
    await refused('INVALID_INPUT', 'attachment.add', { id, attach: [path] })
    expect(files()).toEqual([])
  })

  it('the fifty-first file is refused, and not kept', async () => {
    const { call, id, refused, files } = await withTask()
    const attachments = Array.from({ length: 50 }, (_, n) => ({
      name: `${n}.txt`,
      content: base64(String(n)),
    }))
    await call('attachment.add', { id, attachments })
    await refused('CONFLICT', 'attachment.add', {
      id,
      attachments: [{ name: 'more.txt', content: base64('more') }],
    })
    expect(files()).toHaveLength(50)
  })

  it('discards the file of a new task whose idempotency key exists', async () => {
    const { create, files } = await withTask()
    await create({ idempotency_key: 'once' })
    await create({ idempotency_key: 'once', attachments: [{ name: 'a.txt', content: base64('x') }] })
    expect(files()).toEqual([])
  })

  it('a file with a refused completion is not kept', async () => {
    const { refused, create, files } = await withTask()
    const parent = await create()
    const waiting = await create({ parents: [parent.id] })
    await refused('CONFLICT', 'task.complete', {
      id: waiting.id,
      attachments: [{ name: 'a.txt', content: base64('x') }],
    })
    expect(files()).toEqual([])
  })
})
