import { describe, expect, it } from 'vitest'
import { processesOf } from '../../kernel/testing/aftermath.ts'
import { type Program, startProgram } from '../../kernel/testing/processes.ts'
import { until } from '../../kernel/testing/until.ts'
import { asksToRun } from './testing/scenario.ts'
import { type BridgeSetup, setupBridge } from './testing/setup.ts'

// What a person does while the bridge lives and the rest of Runboard does not, or stands still.

const REPORT = { runboard: ['complete', '--summary', 'It shines'] }

/** Starts the command line in its own process, as another terminal would. */
const command = ({ home }: BridgeSetup, ...words: string[]): Program =>
  startProgram('../../doors/cli/main.ts', ['--home', home, '--board', 'test', ...words])

async function questionsOf({ call }: BridgeSetup, least: number) {
  const isThere = async () => {
    const { questions } = await call('question.list', {})
    return questions.length >= least ? questions : null
  }
  return until(isThere, `${least} open questions`)
}

const verdicts = ({ record }: BridgeSetup, name?: string) =>
  record(name)
    .filter(({ answered }) => answered !== undefined)
    .map(({ result }) => result.outcome.optionId as string)

/** A run whose agent asks for a permission, dispatched by a process that the test can kill. */
async function asking() {
  const bundle = await setupBridge()
  await bundle.bridged('agent', { turns: [[asksToRun('rm -r brass'), REPORT]] })
  const { id } = await bundle.create({ assignee: 'agent' })
  const dispatcher = command(bundle, 'dispatch', '--wait')
  const [question] = await questionsOf(bundle, 1)
  return { ...bundle, bundle, dispatcher, id, question: question! }
}

describe('while a question of an agent is open', () => {
  it('its dispatcher may be killed: the command line answers, and the next dispatcher adopts the run', async () => {
    const { bundle, call, dispatcher, drain, id, question, runs } = await asking()
    dispatcher.child.kill('SIGKILL')
    await dispatcher.ended

    const answered = await command(bundle, 'answer', String(question.id), '--option', 'allow').ended
    expect(answered).toMatchObject({ code: 0 })
    await until(() => verdicts(bundle, 'agent').length === 1, 'the answer at the agent')
    expect(verdicts(bundle, 'agent')).toEqual(['yes'])
    await drain()

    expect(await runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed', summary: 'It shines' }])
    expect((await call('question.list', { task_id: id, all: true })).questions).toMatchObject([
      { state: 'answered' },
    ])
  })

  it.runIf(process.platform !== 'win32')(
    'everything may stand still for the answer, as while the machine sleeps',
    async () => {
      const { bundle, call, dispatcher, home, id, question, runs } = await asking()
      const asleep = [...(await processesOf(home)).map(({ pid }) => pid), dispatcher.child.pid ?? 0]
      expect(asleep.length, 'the bridge, its agent and the dispatcher').toBeGreaterThanOrEqual(3)
      for (const pid of asleep) process.kill(pid, 'SIGSTOP')
      await call('question.answer', { question: String(question.id), option: 'deny', text: 'Keep it' })
      for (const pid of asleep) process.kill(pid, 'SIGCONT')
      expect((await dispatcher.ended).code).toBe(0)

      expect(verdicts(bundle, 'agent')).toEqual(['no'])
      expect(await runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed' }])
    },
  )
})

/** @returns a task whose agent takes messages, and works until the test opens its gate */
async function taskUntilGate({ agent, call, create, path }: Awaited<ReturnType<typeof setupBridge>>) {
  const turns = [[{ say: 'On it\n' }, { await: path('gate') }, REPORT]]
  await call('profile.add', {
    name: 'agent',
    command: agent({ name: 'codex-acp', turns, steering: 'accepts' }),
    driver: 'acp',
  })
  const { id } = await create({ assignee: 'agent' })
  return id
}

it('a message reaches an agent while nobody dispatches, and the next dispatcher adopts its run', async () => {
  const bundle = await setupBridge()
  const { call, drain, open, record, runs } = bundle
  const id = await taskUntilGate(bundle)
  const dispatcher = command(bundle, 'dispatch', '--wait')
  await until(() => record().some(({ got }) => got === 'session/prompt'), 'the first prompt')
  dispatcher.child.kill('SIGKILL')
  await dispatcher.ended

  await call('message.tell', { id, body: 'Use the old brass' })
  await until(async () => (await call('message.list', { id })).messages[0]?.delivered_at, 'its delivery')
  open('gate')
  await drain()

  expect(record().filter(({ got }) => got === '_session/steering')).toHaveLength(1)
  expect(await runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed', summary: 'It shines' }])
})

it('a thousand messages to one run arrive once each, in their order', { timeout: 120_000 }, async () => {
  const bundle = await setupBridge()
  const { drain, kernel, open, person, record } = bundle
  const id = await taskUntilGate(bundle)
  const drained = drain()
  await until(() => record().some(({ got }) => got === 'session/prompt'), 'the first prompt')
  const bodies = Array.from({ length: 1000 }, (_, n) => `Message ${n + 1}.`)
  for (const body of bodies) await kernel.call('message.tell', { id, body }, person)
  const queued = async () =>
    (await kernel.call('message.list', { id, queued: true, limit: 1 }, person)).messages.length
  await until(async () => (await queued()) === 0, 'the last delivery')
  open('gate')
  await drained

  const got = record()
    .filter(({ got: method }) => method === '_session/steering')
    .map(({ params }) => (params.prompt[0].text as string).split('\n').at(-1))
  expect(got).toEqual(bodies)
})

it('ten agents wait at once, and each continues with its own answer', { timeout: 240_000 }, async () => {
  const bundle = await setupBridge()
  const { bridged, call, create, drain, runs } = bundle
  await call('settings.set', { settings: { max_running: 10, min_free_memory_mb: 0 } })
  const names = Array.from({ length: 10 }, (_, n) => `agent-${n}`)
  const ids: string[] = []
  for (const name of names) {
    await bridged(name, { turns: [[asksToRun(`rm -r ${name}`), REPORT]] })
    ids.push((await create({ title: name, assignee: name })).id)
  }
  const drained = drain()
  const questions = await questionsOf(bundle, 10)
  expect(questions.map(({ state }) => state)).toEqual(Array.from({ length: 10 }, () => 'open'))
  for (const { id, title } of questions)
    await call('question.answer', { question: String(id), option: title.endsWith('3') ? 'deny' : 'allow' })
  await drained

  expect(names.map((name) => verdicts(bundle, name))).toEqual(
    names.map((name) => [name.endsWith('3') ? 'no' : 'yes']),
  )
  for (const id of ids) expect(await runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed' }])
})
