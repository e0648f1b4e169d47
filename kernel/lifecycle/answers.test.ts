import { beforeEach, describe, expect, it } from 'vitest'
import { askedTask } from '../testing/asking.ts'
import { itemCards } from '../testing/mapping.ts'
import { type Setup, setup } from '../testing/setup.ts'

let bundle: Setup
let id: string

beforeEach(async () => {
  bundle = await setup()
  id = await askedTask(bundle)
})

const approve = (given: Record<string, unknown> = {}) => bundle.call('task.approve', { id, ...given })

async function refused(given: Record<string, unknown>) {
  const before = bundle.inspector.dump()
  const error = await bundle.refused('CONFLICT', 'task.approve', { id, ...given })
  expect(bundle.inspector.dump()).toEqual(before)
  return { message: error.message, fields: error.data?.['fields'] }
}

async function walk() {
  const { walks } = await bundle.call('task.walk', { id })
  const [only] = walks
  if (only === undefined) throw new Error('no walk')
  return only
}

const place = async () => (await bundle.task(id)).current_step_key

describe('an approve step with a form and a list', () => {
  it('asks with the list as it is, and the first values of the fields', async () => {
    const { asks } = await walk()
    expect(asks).toMatchObject({
      edit: { name: 'parts', list: [{ key: 'a' }, { key: 'b' }], schema: { type: 'array', minItems: 1 } },
      form: { values: { version: '1', urgent: false }, schema: { required: ['version'] } },
    })
  })

  it('hands over the list as it is and the defaults when a person only approves', async () => {
    await approve()
    expect(await place()).toBe('small')
    const { visits } = await walk()
    expect(visits.find(({ step }) => step === 'agree')).toMatchObject({
      outputs: { version: '1', urgent: false, parts: [{ key: 'a' }, { key: 'b' }] },
      edited: null,
    })
  })

  it('takes the way that the form leads to, and makes a card for each item of the edited list', async () => {
    await approve({ form: { version: '2', remark: 'Soon' }, edit: [{ key: 'c' }, { key: 'a', goal: 'A' }] })
    expect(await place()).toBe('parts')
    const cards = await itemCards(bundle, id)
    expect([...cards.keys()]).toEqual(['c', 'a'])
    const { worker } = await bundle.claim(cards.get('c') ?? '', 'builder')
    const context = await bundle.call('task.context', { id: cards.get('c') ?? '' }, worker)
    expect(context.context).toContain('Build c of 2')
  })

  it('keeps the original list, and says how it was changed', async () => {
    await approve({ form: { version: '2' }, edit: [{ key: 'c' }, { key: 'a', goal: 'B' }] })
    const { visits } = await walk()
    expect(visits[0]?.outputs).toMatchObject({ parts: [{ key: 'a', goal: 'A' }, { key: 'b' }] })
    expect(visits[1]?.edited).toMatchObject({
      name: 'parts',
      changes: [
        { change: 'added', to: 1, after: { key: 'c' } },
        { change: 'changed', before: { goal: 'A' }, after: { goal: 'B' } },
        { change: 'removed', from: 2, before: { key: 'b' } },
      ],
    })
    const { events } = await bundle.call('task.show', { id })
    expect(events.find(({ kind }) => kind === 'approved')?.payload).toMatchObject({
      edited: { list: 'parts', added: 1, changed: 1, removed: 1 },
    })
  })

  it('gives the values to the context of the next worker', async () => {
    await approve({ form: { remark: 'Mind the gap' } })
    const { worker } = await bundle.claim(id, 'builder')
    const { context: text } = await bundle.call('task.context', { id }, worker)
    expect(text).toContain('Build 1')
    expect(text).toContain('Mind the gap')
  })

  it.each([
    [
      'a field that does not match',
      { form: { version: 'new' } },
      ['form', 'version'],
      'version does not match',
    ],
    [
      'a required field that is emptied',
      { form: { version: null } },
      ['form', 'version'],
      'version is missing',
    ],
    [
      'a field of another type',
      { form: { urgent: 'yes' } },
      ['form', 'urgent'],
      'urgent must be true or false',
    ],
    [
      'a field that is not there',
      { form: { colour: 'red' } },
      ['form', 'colour'],
      'colour is not a field of the form',
    ],
    ['an empty list', { edit: [] }, ['edit'], 'must have at least 1 item'],
    ['an item without its key', { edit: [{ goal: 'x' }] }, ['edit', 0, 'key'], 'item 1, key is missing'],
    [
      'an item with a long text',
      { edit: [{ key: 'a', goal: 'x'.repeat(21) }] },
      ['edit', 0, 'goal'],
      'item 1, goal',
    ],
    ['two items of one key', { edit: [{ key: 'a' }, { key: 'a' }] }, ['edit'], 'Two items'],
    ['an order that is impossible', { edit: [{ key: 'b', after: ['a'] }] }, ['edit'], 'comes after “a”'],
    ['a field in the metadata', { metadata: { version: '2' } }, ['metadata', 'version'], 'belongs into form'],
    ['the list in the metadata', { metadata: { parts: [] } }, ['metadata', 'parts'], 'belongs into edit'],
  ])('refuses %s, and changes nothing', async (_name, given, path, sentence) => {
    const { fields, message } = await refused(given)
    expect(fields).toMatchObject([{ path }])
    expect(message).toContain(sentence)
    expect(message).toContain('--form JSON --edit JSON')
  })

  it('keeps what was filled in when the work is sent back, and asks for no more', async () => {
    const edit = [{ key: 'z' }]
    await approve({ verdict: 'changes', note: 'More', form: { remark: 'half' }, edit })
    expect(await place()).toBe('plan')
    const { visits } = await walk()
    expect(visits[1]).toMatchObject({ outputs: { remark: 'half', parts: edit } })
    const { worker } = await bundle.claim(id, 'planner')
    const { context: text } = await bundle.call('task.context', { id }, worker)
    expect(text).toContain('Put this right first')
    expect(text).toContain('"half"')
  })

  it('hands nothing over when the work is only sent back', async () => {
    await approve({ verdict: 'changes', note: 'More' })
    expect((await walk()).visits[1]?.outputs).toBeNull()
  })

  it('refuses a wrong field also when the work is sent back', async () => {
    await refused({ verdict: 'changes', form: { urgent: 'yes' } })
  })

  it('makes the same checks when a person completes or skips the step', async () => {
    await bundle.call('task.complete', { id, verdict: 'approved', summary: 'Yes' })
    expect(await place()).toBe('small')
    expect((await walk()).visits[1]?.outputs).toMatchObject({
      version: '1',
      parts: [{ key: 'a' }, { key: 'b' }],
    })
    await bundle.call('task.goto', { id, step: 'agree', reason: 'Again' })
    await bundle.call('task.skip', { id, verdict: 'approved', reason: 'Approved' })
    expect((await walk()).visits.filter(({ step }) => step === 'agree')[1]?.outputs).toMatchObject({
      version: '1',
      parts: [{ key: 'a' }, { key: 'b' }],
    })
  })

  it('starts with the value of the newest list after a way back', async () => {
    await approve({ verdict: 'changes', note: 'More' })
    const { worker } = await bundle.claim(id, 'planner')
    await bundle.call('task.complete', { id, metadata: { why: 'Now', parts: [{ key: 'n' }] } }, worker)
    expect((await walk()).asks?.edit?.list).toEqual([{ key: 'n' }])
    await approve({ edit: [{ key: 'n' }, { key: 'm' }] })
    expect((await walk()).visits.at(-1)?.step).toBe('small')
    expect((await walk()).visits[3]?.edited?.changes).toMatchObject([{ change: 'added' }])
  })
})

describe('a form or a list', () => {
  it('is refused where nobody asks for it', async () => {
    const other = await bundle.create('Plain')
    const { worker } = await bundle.claim(other.id)
    await bundle.call('task.request_review', { id: other.id, summary: 'Look' }, worker)
    const error = await bundle.refused('CONFLICT', 'task.approve', { id: other.id, form: { a: 1 } })
    expect(error.message).toContain('takes no form')
    await bundle.refused('CONFLICT', 'task.approve', { id: other.id, edit: [], merge: true })
    await bundle.refused('INVALID_INPUT', 'task.approve', { id, edit: {} as never })
    await bundle.refused('INVALID_INPUT', 'task.approve', { id, form: [] as never })
  })
})

describe('a simulation', () => {
  const simulate = (verdicts: unknown[]) =>
    bundle.call('workflow.simulate', { name: 'asked', verdicts: verdicts as never })

  it('approves with the list as it is, or with what is given', async () => {
    expect((await simulate(['done'])).asks).toMatchObject({ form: { values: { version: '1' } } })
    expect(await simulate(['done', 'approved'])).toMatchObject({ step: 'small' })
    const given = { verdict: 'approved', form: { version: '2' }, edit: [{ key: 'x' }, { key: 'y' }] }
    expect(await simulate(['done', given])).toMatchObject({ step: 'parts', items: ['x', 'y'] })
  })

  it('refuses what the step would refuse', async () => {
    const verdicts = ['done', { verdict: 'approved', form: { version: 'new' } }] as never
    const error = await bundle.refused('CONFLICT', 'workflow.simulate', { name: 'asked', verdicts })
    expect(error.message).toContain('form.version')
    await bundle.refused('CONFLICT', 'workflow.simulate', {
      name: 'asked',
      verdicts: [{ verdict: 'done', edit: [] }] as never,
    })
  })
})
