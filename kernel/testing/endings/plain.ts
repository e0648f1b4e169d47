import { type EndingCase, TEST_OUTPUT } from './ending-case.ts'

/** It has no events, always exits with 0, and cannot report: a person accepts its work. */
export const AIDER: EndingCase[] = [
  {
    ending: 'success',
    source: 'constructed',
    log: ['Applied edit to a.py', 'Commit 1234567 feat: a', 'Tokens: 2.3k sent, 120 received.'],
    is: 'unreported',
  },
  {
    ending: 'refused login, exit 0',
    source: 'reported',
    log: [
      'litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: none.',
      'The API provider is not able to authenticate you. Check your API key.',
    ],
    is: 'failed',
    says: 'The API provider is not able to authenticate you. Check your API key.',
  },
  {
    ending: 'rate limit, exit 0',
    source: 'reported',
    log: [
      'litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached for gpt-4o. Please try again in 20s.',
      'The API provider has rate limited you. Try again later or check your quotas.',
    ],
    is: 'rate_limited',
    resets: 20,
    says: 'The API provider has rate limited you. Try again later or check your quotas.',
  },
  {
    ending: 'rate limit that it overcame, long before the end',
    source: 'constructed',
    log: [
      'litellm.RateLimitError: Rate limit reached',
      'Retrying in 0.2 seconds...',
      ...Array.from({ length: 12 }, (_, line) => `def f${line}(): pass`),
    ],
    is: 'unreported',
  },
  {
    ending: 'context full, exit 0',
    source: 'reported',
    log: ['Model gpt-4o has hit a token limit!', 'Token counts below are approximate.'],
    is: 'failed',
    says: 'Model gpt-4o has hit a token limit!',
  },
  {
    ending: 'too many tries, exit 0',
    source: 'reported',
    log: ['Only 3 reflections allowed, stopping.'],
    is: 'failed',
    says: 'Only 3 reflections allowed, stopping.',
  },
  {
    ending: 'a task about rate limits, exit 1',
    source: 'constructed',
    log: ['src/rate_limit.ts', 'test/quota.test.ts', ...TEST_OUTPUT.split('\n')],
    exit: 1,
    is: 'failed',
  },
  { ending: 'interrupted', source: 'constructed', log: ['^C again to exit'], exit: 'SIGINT', is: 'failed' },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'unreported' },
]

/** `-Q` exits with 1 after a failure and with 75 at a limit; the other modes print the error and exit with 0. */
export const HERMES: EndingCase[] = [
  { ending: 'success', source: 'constructed', log: ['All is done.'], is: 'finished' },
  {
    ending: 'failure, exit 1',
    source: 'reported',
    log: ['API call failed after 3 retries: HTTP 500: Internal server error'],
    exit: 1,
    is: 'failed',
  },
  {
    ending: 'failure, exit 0',
    source: 'reported',
    log: ['API call failed after 3 retries: HTTP 402: Payment required'],
    is: 'failed',
    says: 'API call failed after 3 retries: HTTP 402: Payment required',
  },
  {
    ending: 'refused login',
    source: 'reported',
    log: ["No usable credentials found for provider 'deepseek'. Set DEEPSEEK_API_KEY."],
    exit: 1,
    is: 'failed',
  },
  {
    ending: 'limit, by its exit code',
    source: 'reported',
    log: ['I stop here.'],
    exit: 75,
    is: 'rate_limited',
  },
  {
    ending: 'limit, by its words, exit 0',
    source: 'reported',
    log: ['API call failed after 3 retries: HTTP 429: Provider returned error'],
    is: 'rate_limited',
    says: 'API call failed after 3 retries: HTTP 429: Provider returned error',
  },
  {
    ending: 'a task about rate limits, exit 1',
    source: 'constructed',
    log: ['I looked at src/rate_limit.ts', ...TEST_OUTPUT.split('\n')],
    exit: 1,
    is: 'failed',
  },
  { ending: 'interrupted', source: 'reported', log: [], exit: 130, is: 'failed' },
]

/** Only its exit code counts; the user replaces it by a command of their own. */
export const SHELL: EndingCase[] = [
  {
    ending: 'success',
    source: 'constructed',
    log: ['{"type":"error","message":"no event of it"}'],
    is: 'finished',
  },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'finished' },
  { ending: 'exit 1', source: 'constructed', log: ['429 Too Many Requests'], exit: 1, is: 'failed' },
  { ending: 'exit 75', source: 'constructed', log: [], exit: 75, is: 'rate_limited' },
]
