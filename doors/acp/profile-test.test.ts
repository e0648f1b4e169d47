import { expect, it } from 'vitest'
import type { OperationOutput } from '../../contract/index.ts'
import { asksToRun, type Scenario, type Step } from './testing/scenario.ts'
import { setupBridge } from './testing/setup.ts'

const REPORT: Step = { runboard: ['complete', '--summary', 'Hello'] }
const ASK: Step = { tool: 'ask', input: { title: 'Can you hear me?' } }
async function tested(scenario: Scenario, fields: Record<string, unknown> = {}) {
  const { bridged, call, record } = await setupBridge()
  await bridged('agent', scenario, fields)
  const answer = await call('profile.test', { name: 'agent', timeout_seconds: 60 })
  return { answer, record }
}

const sentence = ({ steps }: OperationOutput<'profile.test'>, wanted: string) =>
  steps.find(({ name }) => name === wanted)?.sentence

it('a test of an agent that speaks ACP says what it offers, and answers its question', async () => {
  const modes = { currentModeId: 'auto', availableModes: [{ id: 'auto' }, { id: 'plan' }] }
  const { answer } = await tested(
    {
      capabilities: { loadSession: true, sessionCapabilities: { resume: {} } },
      session: { modes },
      turns: [[ASK, REPORT]],
    },
    { acp_mode: 'plan' },
  )

  expect(answer.steps.map(({ name, ok }) => [name, ok])).toEqual([
    ['profile', true],
    ['executable', true],
    ['workspace', true],
    ['start', true],
    ['session', true],
    ['output', true],
    ['question', true],
    ['report', true],
    ['exit', true],
  ])
  expect(sentence(answer, 'session')).toBe(
    'fake-agent 1.0.0 opened a session in mode plan; sessions: load, resume, not fork, list; modes: auto, plan; models: none.',
  )
  expect(sentence(answer, 'question')).toBe('It asked “Can you hear me?”, and got the answer.')
  expect(answer).toMatchObject({ ok: true, outcome: 'completed', summary: 'Hello' })
})

it('a test asks the agent for a question, and works without one', async () => {
  const { answer, record } = await tested({ turns: [[REPORT]] })
  const prompt = record().find(({ got }) => got === 'session/prompt')?.params.prompt[0].text as string
  expect(prompt).toContain('Can you hear me?')
  expect(answer.ok).toBe(true)
  expect(sentence(answer, 'question')).toBe('It asked nothing.')
})

it('a test allows an agent to call Runboard, and nothing else', async () => {
  const commands = [
    'runboard complete --summary "Hello"',
    'rm -r brass',
    'runboard complete --summary x; rm -r brass',
  ]
  const { answer, record } = await tested({ turns: [[...commands.map(asksToRun), REPORT]] })
  const answers = record().filter(({ answered }) => answered !== undefined)
  expect(answers.map(({ result }) => result.outcome.optionId as string)).toEqual(['yes', 'no', 'no'])
  expect(answer.ok).toBe(true)
})

it('a test withdraws a form, which only a person can fill in', async () => {
  const requestedSchema = { type: 'object', properties: { size: { type: 'string' } } }
  const form: Step = {
    request: 'elicitation/create',
    params: { mode: 'form', message: 'Size?', requestedSchema },
  }
  const { answer, record } = await tested({ turns: [[form, REPORT]] })
  expect(record().find(({ answered }) => answered)?.result).toEqual({ action: 'cancel' })
  expect(sentence(answer, 'question')).toBe('Its question was withdrawn.')
})

it('a test of an agent that opens no session says why', async () => {
  const { answer } = await tested(
    { session: { modes: { availableModes: [{ id: 'auto' }] } }, turns: [] },
    { acp_mode: 'plan' },
  )
  expect(answer.ok).toBe(false)
  expect(answer.steps.at(-1)).toMatchObject({ name: 'session', ok: false })
  expect(answer.steps.at(-1)?.sentence).toContain('acp_mode is plan, but this agent offers auto')
})
