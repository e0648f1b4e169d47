import { mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardExport } from '../../contract/index.ts'
import { setup, temporaryFolder } from '../testing/setup.ts'
import { closingLinks } from './closing-links.ts'
import { IMPORT_LIMITS, refuseCount } from './limits.ts'
import { refuseVastJson } from './scan-json.ts'

async function sample() {
  const bundle = await setup()
  const { id } = await bundle.create('One')
  await bundle.call('comment.add', { id, body: 'a comment' })
  const document = (await bundle.call('exchange.export', {})) as BoardExport
  const path = join(temporaryFolder(), 'b.json')
  const refusedWith = async (text: string) => {
    writeFileSync(path, text)
    const error = await bundle.refused('INVALID_INPUT', 'exchange.import_json', { path, slug: 'copy' })
    expect(readdirSync(join(bundle.home, 'boards'))).toEqual(['test'])
    return error.message
  }
  return { ...bundle, document, path, refusedWith }
}

describe('X27: the limits of an import', () => {
  it('refuses a file that is too large before reading it', async () => {
    for (const operation of ['exchange.import_json', 'exchange.import_hermes'] as const) {
      const { path, refused } = await sample()
      writeFileSync(path, '{')
      truncateSync(path, IMPORT_LIMITS.bytes + 1)
      const error = await refused('INVALID_INPUT', operation, { path, slug: 'copy' })
      expect(error.message).toContain('500,000,000 bytes')
    }
  })

  it('refuses deep nesting, or too many values, before it creates any', async () => {
    const { document, refusedWith } = await sample()
    const deep = `${'['.repeat(IMPORT_LIMITS.depth)}${']'.repeat(IMPORT_LIMITS.depth)}`
    const text = JSON.stringify({ ...document, tasks: 'HERE' }).replace('"HERE"', deep)
    expect(await refusedWith(text)).toContain('levels deep')
    expect(() => refuseVastJson('f', Buffer.from(`[${'[],'.repeat(IMPORT_LIMITS.containers)}[]]`))).toThrow(
      'more values',
    )
    expect(() => refuseVastJson('f', Buffer.from(`[${'"[[[[\\"{{"'.repeat(1000)}]`))).not.toThrow()
  })

  it('refuses a text longer than its limit for typed input, and names it', async () => {
    const { document, refusedWith } = await sample()
    const task = { ...document.tasks[0], body: 'x'.repeat(1_000_001) }
    expect(await refusedWith(JSON.stringify({ ...document, tasks: [task] }))).toContain(
      'tasks.0.body has 1,000,001 characters; at most 1,000,000 can be imported',
    )
    const comment = { ...document.comments[0], body: 'x'.repeat(200_001) }
    expect(await refusedWith(JSON.stringify({ ...document, comments: [comment] }))).toContain(
      'comments.0.body',
    )
    const event = { ...document.events[0], payload: { text: 'x'.repeat(IMPORT_LIMITS.text) } }
    expect(await refusedWith(JSON.stringify({ ...document, events: [event] }))).toContain('events.0.payload')
  })

  it('refuses times and ids that leave no room for later ones, and text that cannot be stored', async () => {
    const { document, refusedWith } = await sample()
    const withTask = (change: object) =>
      JSON.stringify({ ...document, tasks: [{ ...document.tasks[0], ...change }] })
    expect(await refusedWith(withTask({ created_at: 8_640_000_000_000_001 }))).toContain('1970 and 9999')
    expect(await refusedWith(withTask({ created_at: -1 }))).toContain('1970 and 9999')
    expect(await refusedWith(withTask({ title: 'a\ud800' }))).toContain('half a character')
    expect(await refusedWith(withTask({ title: 'a\0b' }))).toContain('half a character or a zero')
    const cursor = Number.MAX_SAFE_INTEGER
    expect(await refusedWith(JSON.stringify({ ...document, cursor }))).toContain('cursor is over')
  })

  it('names the kind of row that has too many', () => {
    expect(() => refuseCount('f', 'tasks', 200_000)).not.toThrow()
    expect(() => refuseCount('f', 'tasks', 200_001)).toThrow('f holds 200,001 tasks; at most 200,000')
  })

  it('reports what is wrong in a hundred places, then stops', async () => {
    const { document, refusedWith } = await sample()
    const tasks = Array.from({ length: 5000 }, () => 'text')
    const said = await refusedWith(JSON.stringify({ ...document, tasks }))
    expect(said).toContain('tasks.0')
    expect(said).toContain('; and more.')
    expect(said.length).toBeLessThan(1000)
  })

  it('reports a path that cannot be read: a loop of links, a name that is too long', async () => {
    const { path, refused } = await sample()
    const folder = temporaryFolder()
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'))
    mkdirSync(join(folder, 'folder'))
    for (const operation of ['exchange.import_json', 'exchange.import_hermes'] as const) {
      await refused('CONFLICT', operation, { path: join(folder, 'loop'), slug: 'copy' })
      await refused('CONFLICT', operation, { path: `${path}${'x'.repeat(300)}`, slug: 'copy' })
    }
  })
})

describe('cycles of links', () => {
  const link = (parent_id: string, child_id: string) => ({ parent_id, child_id })

  it('are broken by leaving out the link that closes each', () => {
    const links = [link('a', 'b'), link('b', 'c'), link('c', 'a'), link('x', 'a'), link('c', 'd')]
    expect(closingLinks(links)).toEqual([links[2]])
    expect(closingLinks([link('a', 'b'), link('a', 'c'), link('b', 'd'), link('c', 'd')])).toEqual([])
  })

  it('are found in one walk, even in a chain as long as a board', () => {
    const count = 100_000
    const chain = Array.from({ length: count }, (_, n) => link(`t${n}`, `t${(n + 1) % count}`))
    const back = chain.map(({ parent_id, child_id }) => link(child_id, parent_id))
    const closing = new Set(closingLinks([...chain, ...back]))
    expect(closing.size).toBeGreaterThanOrEqual(count)
    expect(closingLinks([...chain, ...back].filter((one) => !closing.has(one)))).toEqual([])
  })
})
