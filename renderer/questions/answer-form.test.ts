import { describe, expect, it } from 'vitest'
import { AnswerForm, type Asked } from './answer-form.svelte.ts'
import { BrokenJson } from './broken-json.ts'

const PARTS = [{ key: 'a', goal: 'A' }, { key: 'b' }]

const asks = (): Asked => ({
  question: 'Which?',
  show: [],
  verdicts: ['approved', 'changes'],
  choose: null,
  edit: {
    name: 'parts',
    list: PARTS,
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['key'],
        properties: {
          key: { type: 'string' },
          goal: { type: 'string' },
          after: { type: 'array', items: { type: 'string' } },
          more: { type: 'object' },
        },
      },
    },
  },
  form: {
    schema: {
      type: 'object',
      required: ['version'],
      properties: {
        version: { type: 'string', title: 'Version' },
        count: { type: 'integer' },
        urgent: { type: 'boolean' },
        level: { enum: ['low', 3] },
        tags: { type: 'array', items: { type: 'string' } },
        rest: {},
      },
    },
    values: { version: '1', urgent: false },
  },
})

describe('an answer', () => {
  it('has a field for each property, by its type', () => {
    const form = new AnswerForm(asks())
    expect(form.fields.map(({ kind, label }) => `${label}: ${kind}`)).toEqual([
      'Version: text',
      'Count: integer',
      'Urgent: boolean',
      'Level: choice',
      'Tags: list',
      'Rest: json',
    ])
    expect(form.list?.item.fields.map(({ kind, name }) => `${name}: ${kind}`)).toEqual([
      'key: text',
      'goal: text',
      'after: texts',
      'more: json',
    ])
  })

  it('sends every field with an approval, and no unchanged list', () => {
    const given = new AnswerForm(asks()).given('approved')
    expect(given).toMatchObject({
      form: { version: '1', urgent: false, count: null, level: null, rest: null },
      edit: null,
    })
    expect(given?.form).not.toHaveProperty('tags')
  })

  it('sends only changed fields with another verdict', () => {
    const form = new AnswerForm(asks())
    expect(form.given('changes')).toMatchObject({ form: null, edit: null })
    form.set('count', 3)
    expect(form.given('changes')).toMatchObject({ form: { count: 3 } })
  })

  it('sends the whole list once it was changed, without empty fields', () => {
    const form = new AnswerForm(asks())
    const rows = form.list?.rows
    const [first, second] = rows?.list ?? []
    rows?.change(second?.id ?? 0, { key: 'b', goal: '' })
    rows?.move(first?.id ?? 0, 1)
    rows?.add({ key: 'c' })
    expect(form.given('approved')?.edit).toEqual([{ key: 'b' }, { key: 'a', goal: 'A' }, { key: 'c' }])
    rows?.reset()
    expect(form.given('approved')?.edit).toBeNull()
  })

  it('sends a required box that is not ticked as false, in the form and in an item, with an approval only', () => {
    const asked = asks()
    const confirmed = { type: 'boolean' }
    asked.form = {
      schema: { type: 'object', required: ['sure'], properties: { sure: confirmed, other: confirmed } },
      values: {},
    }
    asked.edit = {
      name: 'parts',
      list: [],
      schema: {
        items: { type: 'object', required: ['sure'], properties: { sure: confirmed, other: confirmed } },
      },
    }
    const form = new AnswerForm(asked)
    form.list?.rows.add({ other: true })
    expect(form.given('approved')).toMatchObject({
      form: { sure: false, other: null },
      edit: [{ sure: false, other: true }],
    })
    expect(form.given('changes')?.form).toBeNull()
    form.set('sure', true)
    expect(form.given('changes')?.form).toEqual({ sure: true })
  })

  it('may reject while a text is not JSON or an item is empty, and leaves those out', () => {
    const form = new AnswerForm(asks())
    form.set('rest', new BrokenJson('{'))
    form.set('count', 3)
    form.rowsOf('tags').add(' ')
    form.rowsOf('tags').add('kept')
    form.list?.rows.add({ key: 'c', more: new BrokenJson('[') })
    expect(form.given('approved')).toBeNull()
    expect(form.given('changes')).toMatchObject({ form: { count: 3, tags: ['kept'] }, edit: null })
    expect(form.given('changes')?.form).not.toHaveProperty('rest')
    expect(form.problems).toEqual({})
  })

  it('opens the first item with a problem in each list', () => {
    const form = new AnswerForm(asks())
    const rows = form.list?.rows
    rows?.set([
      { key: 'a' },
      { key: 'b', more: new BrokenJson('{') },
      { key: 'c', more: new BrokenJson('{') },
    ])
    expect(form.given('approved')).toBeNull()
    expect(rows?.open).toBe(rows?.list[1]?.id)
    const fields = [2, 0].map((at) => ({ path: ['edit', at, 'key'], message: 'is missing' }))
    form.refuse({ code: 'CONFLICT', message: 'No.', data: { fields } })
    expect(rows?.open).toBe(rows?.list[0]?.id)
  })

  it('sends nothing while a text is not JSON or an item of texts is empty', () => {
    const form = new AnswerForm(asks())
    form.set('rest', new BrokenJson('{'))
    form.rowsOf('tags').add(' ')
    expect(form.given('approved')).toBeNull()
    expect(form.problemAt('form.rest')).toBe('Is not JSON')
    expect(form.problemOf('form.tags.0')).toBe('Is empty')
    form.set('rest', { a: 1 })
    form.forget('form.tags.0')
    expect(form.problems).toEqual({})
  })

  it('shows a refusal at the fields that it names, and opens their item', () => {
    const form = new AnswerForm(asks())
    const fields = [
      { path: ['form', 'version'], message: 'is missing' },
      { path: ['edit', 1, 'after', 0], message: 'must be text' },
    ]
    form.refuse({ code: 'CONFLICT', message: 'No.', data: { fields } })
    expect(form.problemAt('form.version')).toBe('Is missing')
    expect(form.problemAt('edit.1.after')).toBe('Must be text')
    expect(form.list?.rows.open).toBe(form.list?.rows.list[1]?.id)
    expect(form.refusal).toBeNull()
    form.refuse({ code: 'CONFLICT', message: 'It has moved on.', data: null })
    expect(form.refusal).toBe('It has moved on.')
  })

  it('is kept as a draft until it is sent', () => {
    const form = new AnswerForm(asks())
    expect(form.draft).toBeNull()
    form.set('version', '2')
    form.list?.rows.add({ key: 'c' })
    const again = new AnswerForm(asks(), form.draft)
    expect(again.values['version']).toBe('2')
    expect(again.list?.rows.values).toEqual([...PARTS, { key: 'c' }])
    expect(again.list?.rows.isChanged).toBe(true)
    expect(new AnswerForm(asks(), 'of another version').values).toEqual({ version: '1', urgent: false })
  })

  it('keeps in a draft that a text is not JSON, in the form and in an item', () => {
    const form = new AnswerForm(asks())
    form.set('rest', new BrokenJson('{ "a": '))
    form.list?.rows.add({ key: 'c', more: new BrokenJson('[') })
    const again = new AnswerForm(asks(), form.draft)
    expect(again.values['rest']).toEqual(new BrokenJson('{ "a": '))
    expect(again.given('approved')).toBeNull()
    expect(again.problemAt('form.rest')).toBe('Is not JSON')
    expect(again.problemAt('edit.2.more')).toBe('Is not JSON')
    expect(again.draft).toBe(form.draft)
  })

  it('keeps the id of a row that is moved, and returns the id of the row after a removed one', () => {
    const { rows } = new AnswerForm(asks()).list ?? {}
    const [first, second] = rows?.list.map(({ id }) => id) ?? []
    expect(rows?.move(first ?? 0, -1)).toBe(false)
    expect(rows?.move(first ?? 0, 1)).toBe(true)
    expect(rows?.list.map(({ id }) => id)).toEqual([second, first])
    expect(rows?.remove(second ?? 0)).toBe(first)
    expect(rows?.remove(first ?? 0)).toBeNull()
  })
})
