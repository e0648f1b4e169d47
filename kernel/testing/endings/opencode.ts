import { recorded } from '../../../formats/testing/recorded.ts'
import { type EndingCase, TEST_OUTPUT, WORDS } from './ending-case.ts'

const opencode = {
  start: { type: 'step_start', sessionID: 's', part: { type: 'step-start' } },
  says: (text: string) => ({ type: 'text', sessionID: 's', part: { type: 'text', text } }),
  tool: (output: string) => ({
    type: 'tool_use',
    sessionID: 's',
    part: { tool: 'bash', state: { status: 'completed', output, metadata: { exit: 1 } } },
  }),
  finish: (reason: string) => ({
    type: 'step_finish',
    sessionID: 's',
    part: { type: 'step-finish', reason },
  }),
  error: (name: string, data: object) => ({ type: 'error', sessionID: 's', error: { name, data } }),
}

export const OPENCODE: EndingCase[] = [
  { ending: 'success', source: 'recorded', log: recorded('opencode'), is: 'finished' },
  {
    ending: 'refused login, exit 0',
    source: 'reported',
    log: [opencode.error('ProviderAuthError', { providerID: 'anthropic', message: 'The key is not valid.' })],
    is: 'failed',
    says: 'The key is not valid.',
  },
  {
    ending: 'error of the server, exit 0',
    source: 'reported',
    log: [
      opencode.start,
      opencode.says('I begin.'),
      opencode.error('APIError', { message: 'Internal server error', statusCode: 500, isRetryable: true }),
    ],
    is: 'failed',
    says: 'Internal server error',
  },
  {
    ending: 'an error without words, exit 1',
    source: 'reported',
    log: [opencode.start, opencode.error('MessageAbortedError', {})],
    exit: 1,
    is: 'failed',
    says: 'MessageAbortedError',
  },
  {
    ending: 'rate limit by its status, with a header that has the time',
    source: 'reported',
    log: [
      opencode.start,
      opencode.error('APIError', {
        message: 'Slow down.',
        statusCode: 429,
        responseHeaders: { 'content-type': 'text/plain', 'retry-after': '41' },
      }),
    ],
    is: 'rate_limited',
    resets: 41,
    says: 'Slow down.',
  },
  {
    ending: 'rate limit by its words',
    source: 'constructed',
    log: [opencode.error('UnknownError', { message: 'Rate limit exceeded. Please try again later.' })],
    exit: 1,
    is: 'rate_limited',
    says: 'Rate limit exceeded. Please try again later.',
  },
  {
    ending: 'context full',
    source: 'constructed',
    log: [opencode.start, opencode.error('ContextOverflowError', { message: 'prompt is too long' })],
    is: 'failed',
    says: 'prompt is too long',
  },
  {
    ending: 'cut off at the limit of output',
    source: 'constructed',
    log: [opencode.start, opencode.says('I begin.'), opencode.finish('length')],
    is: 'failed',
    says: 'The answer was cut off at the model’s limit of output tokens',
  },
  {
    ending: 'an error that it retried and overcame',
    source: 'reported',
    log: [
      opencode.start,
      opencode.error('APIError', {
        message: 'ECONNRESET: The socket connection was closed',
        statusCode: 200,
      }),
      opencode.start,
      opencode.says('Done.'),
      opencode.finish('stop'),
    ],
    is: 'finished',
  },
  {
    ending: 'a task about rate limits, failed for another reason',
    source: 'constructed',
    log: [
      opencode.start,
      opencode.says(WORDS),
      opencode.tool(TEST_OUTPUT),
      opencode.error('APIError', { message: 'Bad gateway', statusCode: 502 }),
    ],
    exit: 1,
    is: 'failed',
    says: 'Bad gateway',
  },
  {
    ending: 'interrupted',
    source: 'constructed',
    log: [opencode.start, opencode.says(WORDS), opencode.tool(TEST_OUTPUT)],
    exit: 'SIGTERM',
    is: 'failed',
  },
  {
    ending: 'no final event',
    source: 'constructed',
    log: [opencode.start, opencode.tool('ok'), opencode.finish('tool-calls')],
    is: 'unreported',
  },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'unreported' },
]
