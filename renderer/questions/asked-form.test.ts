import { expect, it } from 'vitest'
import { AnswerForm } from './answer-form.svelte.ts'
import { askedForm, formAnswer } from './asked-form.ts'

const ask = (input: Record<string, unknown>) => ({ title: 'What?', input: input as never })

it('has the fields of the schema with their defaults, and leaves out what is empty', () => {
  const question = ask({
    type: 'object',
    required: ['sure'],
    properties: {
      name: { type: 'string' },
      count: { type: 'integer', default: 3 },
      sure: { type: 'boolean' },
      end: { type: ['string', 'null'] },
    },
  })
  const form = new AnswerForm(askedForm(question))
  expect(form.values).toEqual({ count: 3 })
  expect(formAnswer(question, form.given('approved')?.form ?? null)).toEqual({
    count: 3,
    sure: false,
    end: null,
  })
})

it('is typed as JSON where the schema does not name all its fields', () => {
  const question = ask({ type: 'object', required: ['a'], properties: {} })
  const form = new AnswerForm(askedForm(question))
  expect(form.fields.map(({ kind, label }) => [kind, label])).toEqual([['json', 'The form']])
  form.set('answer', { a: 1 })
  expect(formAnswer(question, form.given('approved')?.form ?? null)).toEqual({ a: 1 })
})

it('shows a refusal that names no field of the form', () => {
  const form = new AnswerForm(askedForm(ask({ type: 'object', properties: { a: { type: 'string' } } })))
  const fields = [{ path: ['form', 'b'], message: 'is not known' }]
  form.refuse({ code: 'INVALID_INPUT', message: 'It does not fit.', data: { fields } })
  expect(form.refusal).toBe('It does not fit.')
})
