import { recorded } from '../../../formats/testing/recorded.ts'
import { type EndingCase, TEST_OUTPUT, WORDS } from './ending-case.ts'

const gemini = {
  init: { type: 'init', session_id: 's', model: 'gemini-2.5-pro' },
  says: (content: string) => ({ type: 'message', role: 'assistant', content, delta: true }),
  tool: (output: string) => ({ type: 'tool_result', tool_id: 't', status: 'error', output }),
  error: (severity: string, message: string) => ({ type: 'error', severity, message }),
  failed: (type: string, message: string) => ({
    type: 'result',
    status: 'error',
    error: { type, message },
    stats: {},
  }),
  done: { type: 'result', status: 'success', stats: { total_tokens: 9 } },
}

export const GEMINI: EndingCase[] = [
  { ending: 'success', source: 'recorded', log: recorded('gemini'), is: 'finished' },
  {
    ending: 'refused login',
    source: 'reported',
    log: [
      gemini.init,
      gemini.failed('FatalAuthenticationError', 'API key not valid. Please pass a valid API key.'),
    ],
    exit: 41,
    is: 'failed',
    says: 'API key not valid. Please pass a valid API key.',
  },
  {
    ending: 'error, exit 0',
    source: 'constructed',
    log: [gemini.init, gemini.says('I try.'), gemini.failed('Error', 'The model is not there.')],
    is: 'failed',
    says: 'The model is not there.',
  },
  {
    ending: 'max turns',
    source: 'reported',
    log: [gemini.init, gemini.failed('FatalTurnLimitedError', 'Reached max session turns for this session.')],
    exit: 53,
    is: 'failed',
    says: 'Reached max session turns for this session.',
  },
  {
    ending: 'max turns, with a result that says success',
    source: 'reported',
    log: [gemini.init, gemini.error('error', 'Maximum session turns exceeded'), gemini.done],
    is: 'failed',
    says: 'Maximum session turns exceeded',
  },
  {
    ending: 'stopped because it goes in circles, with a result that says success',
    source: 'reported',
    log: [gemini.init, gemini.error('warning', 'Loop detected, stopping execution'), gemini.done],
    is: 'failed',
    says: 'Loop detected, stopping execution',
  },
  {
    ending: 'a warning, then success',
    source: 'constructed',
    log: [gemini.init, gemini.error('warning', 'An extension is old'), gemini.says('Done.'), gemini.done],
    is: 'finished',
  },
  {
    ending: 'an error that it overcame, then success',
    source: 'constructed',
    log: [gemini.init, gemini.error('error', 'Invalid stream'), gemini.says('Done.'), gemini.done],
    is: 'finished',
  },
  {
    ending: 'quota used up, with a time',
    source: 'reported',
    log: [
      gemini.init,
      'Attempt 1 failed with status 429. Retrying with backoff...',
      gemini.failed(
        'TerminalQuotaError',
        'You have exhausted your capacity on this model. Your quota will reset after 2h52m39s.',
      ),
    ],
    exit: 1,
    is: 'rate_limited',
    resets: 10359,
    says: 'You have exhausted your capacity on this model. Your quota will reset after 2h52m39s.',
  },
  {
    ending: 'quota used up, exit 0, without a time',
    source: 'constructed',
    log: [gemini.init, gemini.failed('Error', 'Resource has been exhausted (e.g. check quota).')],
    is: 'rate_limited',
    says: 'Resource has been exhausted (e.g. check quota).',
  },
  {
    ending: 'quota used up, told in plain text only',
    source: 'reported',
    log: [
      'Loaded cached credentials.',
      '[API Error: You have exhausted your capacity on this model. Your quota will reset after 2h52m39s.]',
      'An unexpected critical error occurred:[object Object]',
    ],
    exit: 1,
    is: 'rate_limited',
    resets: 10359,
  },
  {
    ending: 'context full',
    source: 'constructed',
    log: [
      gemini.init,
      gemini.failed('Error', 'The input token count exceeds the maximum number of tokens allowed.'),
    ],
    exit: 1,
    is: 'failed',
    says: 'The input token count exceeds the maximum number of tokens allowed.',
  },
  {
    ending: 'a task about rate limits, failed for another reason',
    source: 'constructed',
    log: [gemini.init, gemini.says(WORDS), gemini.tool(TEST_OUTPUT), gemini.failed('Error', 'fetch failed')],
    exit: 1,
    is: 'failed',
    says: 'fetch failed',
  },
  {
    ending: 'interrupted',
    source: 'constructed',
    log: [gemini.init, gemini.says(WORDS), gemini.tool(TEST_OUTPUT)],
    exit: 'SIGTERM',
    is: 'failed',
  },
  {
    ending: 'no final event',
    source: 'constructed',
    log: [gemini.init, gemini.says('I begin.')],
    is: 'unreported',
  },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'unreported' },
]
