import { recorded } from '../../../formats/testing/recorded.ts'
import { type EndingCase, WORDS } from './ending-case.ts'

/** GitHub Copilot CLI 1.0.102. */
const copilot = {
  start: { type: 'session.tools_updated', data: { model: 'm' }, ephemeral: true, timestamp: 't' },
  says: (content: string) => ({
    type: 'assistant.message',
    data: { content, toolRequests: [], turnId: '0' },
    timestamp: 't',
  }),
  error: (errorType: string, message: string) => ({
    type: 'session.error',
    data: { errorType, message },
    timestamp: 't',
  }),
  idle: { type: 'assistant.idle', data: {}, ephemeral: true, timestamp: 't' },
  result: (exitCode: number) => ({ type: 'result', timestamp: 't', sessionId: 's', exitCode, usage: {} }),
}
const UNREACHABLE = 'Could not connect to local model provider at http://127.0.0.1:9/v1.'

export const COPILOT: EndingCase[] = [
  { ending: 'success', source: 'recorded', log: recorded('copilot'), is: 'unreported' },
  {
    ending: 'a provider that cannot be reached',
    source: 'recorded',
    log: [copilot.start, copilot.error('query', UNREACHABLE), copilot.idle, copilot.result(1)],
    exit: 1,
    is: 'failed',
    says: UNREACHABLE,
  },
  {
    ending: 'rate limit',
    source: 'constructed',
    log: [copilot.start, copilot.error('rate_limit', 'Try again later'), copilot.result(1)],
    exit: 1,
    is: 'rate_limited',
    says: 'Try again later',
  },
  {
    ending: 'a session that is not there',
    source: 'recorded',
    log: ["Error: No session, task, or name matched '1'."],
    exit: 1,
    is: 'failed',
  },
  { ending: 'cut off', source: 'constructed', log: [copilot.start, copilot.says(WORDS)], is: 'unreported' },
]
