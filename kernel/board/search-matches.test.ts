import { expect, it } from 'vitest'
import type { OperationOutput } from '../../contract/index.ts'
import { setup } from '../testing/setup.ts'

type Match = NonNullable<OperationOutput<'task.list'>['matches']>[number]

/** A match with its marks in brackets, as a reader sees it. */
function shown({ found_in, attempt, marks, text }: Match): string {
  const marked = [...marks].reverse().reduce((all, [from, to]) => {
    return `${all.slice(0, from)}[${all.slice(from, to)}]${all.slice(to)}`
  }, text)
  return `${found_in}${attempt === null ? '' : ` ${attempt}`}: ${marked}`
}

async function board() {
  const bundle = await setup()
  const matches = async (search: string) =>
    ((await bundle.call('task.list', { search, matches: true })).matches ?? []).map(shown)
  return { ...bundle, matches }
}

it('marks the words where they are found, as the index compares them', async () => {
  const { create, matches } = await board()
  await create({ title: 'Répare the LOGIN form', body: 'It log-ins twice' })
  expect(await matches('repare log')).toEqual([
    'title: [Répare] the [LOGIN] form',
    'body: It [log]-ins twice',
  ])
  expect(await matches('log-in')).toEqual(['body: It [log-ins] twice'])
})

it('shows Markdown without its marks, unless the words are only in what is not shown', async () => {
  const { create, matches } = await board()
  const body = '## Fix the **parser**\n\n- see [the report](https://example.org/nightly) of `main`'
  await create({ title: 'Work', body })
  expect(await matches('parser report')).toEqual(['body: Fix the [parser]  see the [report] of main'])
  expect(await matches('nightly')).toEqual(['body: …the report](https://example.org/[nightly]) of `main`'])
})

it('names the attempt whose summary or error has the words', async () => {
  const { claim, create, call, matches } = await board()
  const { id } = await create('Third')
  const { worker } = await claim(id)
  await call('task.complete', { id, summary: 'wrote a migration for invoices' }, worker)
  await call('comment.add', { id, body: 'the invoices are <b>late</b>' })
  expect(await matches('invoices')).toEqual([
    'summary 1: wrote a migration for [invoices]',
    'comment: the [invoices] are <b>late</b>',
  ])
})

it('shows the part of a long text that has most of the words', async () => {
  const { create, matches } = await board()
  const far = 'nothing of interest here. '.repeat(40)
  await create({ title: 'Long', body: `apple ${far}apple\nand pear ${far}` })
  const [match = ''] = await matches('apple pear')
  expect(match).toMatch(/^body: ….*\[apple\] and \[pear\] nothing.*…$/)
  expect(match.length).toBeLessThan(200)
})

it('marks the beginning of an id, with or without t_', async () => {
  const { create, matches } = await board()
  const { id } = await create('Wanted')
  expect(await matches(id.slice(2, 6))).toEqual([`id: [${id.slice(0, 6)}]${id.slice(6)}`])
})

it('returns matches only when the caller asks for them, with a search', async () => {
  const { create, call } = await board()
  await create('Wanted')
  expect(await call('task.list', { search: 'wanted' })).not.toHaveProperty('matches')
  expect(await call('task.list', { matches: true })).not.toHaveProperty('matches')
})
