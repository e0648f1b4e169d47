import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../contract/index.ts'
import { errorHeadline } from '../../formats/own-errors.ts'
import { recorded } from '../../formats/testing/recorded.ts'
import { PRESETS } from '../home/presets.ts'
import { setupWorkers } from '../testing/workers.ts'
import { parseAgentOutput, readAgentOutput } from '../workers/log/agent-output.ts'
import { readReset } from '../workers/log/reset-time.ts'
import { verdictOf } from './verdict.ts'

/**
 * How the runs of each preset's agent end, one row per ending: what it writes, how its process exits, and what
 * follows. `recorded` was written by the tool itself (formats/testing), `reported` follows public bug reports or the
 * tool's published source, `constructed` is composed from such shapes.
 */
interface Ending {
  ending: string
  source: 'recorded' | 'reported' | 'constructed'
  log: (string | object)[]
  /** Default 0; a string is a signal. */
  exit?: number | string
  is: 'finished' | 'unreported' | 'failed' | 'rate_limited'
  /** The line that explains the end, in the agent's words. */
  says?: string
  /** When the limit ends, in seconds after it was hit, if the agent says so. */
  resets?: number
}

const NOW = Date.UTC(2026, 10, 22, 12)
const after = (seconds: number) => NOW / 1000 + seconds

const WORDS = 'I look at src/rate_limit.ts: too many requests there end in HTTP 429. The quota is exceeded.'
const TEST_OUTPUT = 'FAIL test/quota.test.ts\n✗ Rate limit exceeded: 429 Too Many Requests\nAssertionError'

const claude = {
  init: { type: 'system', subtype: 'init', session_id: 's', model: 'claude-sonnet-4-5' },
  says: (text: string) => ({
    type: 'assistant',
    message: { content: [{ type: 'text', text }] },
    session_id: 's',
  }),
  tool: (content: string) => ({
    type: 'user',
    message: { content: [{ type: 'tool_result', is_error: true, content }] },
    session_id: 's',
  }),
  result: (fields: object) => ({
    type: 'result',
    subtype: 'success',
    is_error: false,
    num_turns: 3,
    ...fields,
  }),
  limit: (status: string, more: object = {}) => ({
    type: 'rate_limit_event',
    rate_limit_info: { status, resetsAt: after(7200), rateLimitType: 'five_hour', ...more },
    uuid: 'u',
    session_id: 's',
  }),
}

const CLAUDE: Ending[] = [
  { ending: 'success', source: 'recorded', log: recorded('claude'), is: 'unreported' },
  {
    ending: 'max turns, with its own message',
    source: 'reported',
    log: [
      claude.init,
      claude.says(WORDS),
      claude.result({
        subtype: 'error_max_turns',
        is_error: true,
        terminal_reason: 'max_turns',
        errors: ['Reached maximum number of turns (30)'],
      }),
    ],
    exit: 1,
    is: 'failed',
    says: 'Reached maximum number of turns (30)',
  },
  {
    ending: 'max turns without a message, exit 0, no error flag (older versions)',
    source: 'reported',
    log: [claude.init, claude.result({ subtype: 'error_max_turns', num_turns: 31 })],
    is: 'failed',
    says: 'Reached the maximum number of turns (31)',
  },
  {
    ending: 'budget reached',
    source: 'constructed',
    log: [
      claude.init,
      claude.result({ subtype: 'error_max_budget_usd', is_error: true, total_cost_usd: 5.02 }),
    ],
    exit: 1,
    is: 'failed',
    says: 'Reached the maximum budget ($5.02)',
  },
  {
    ending: 'error during execution',
    source: 'constructed',
    log: [claude.init, claude.result({ subtype: 'error_during_execution', is_error: true, errors: [] })],
    exit: 1,
    is: 'failed',
    says: 'Failed during execution',
  },
  {
    ending: 'refused login',
    source: 'reported',
    log: [
      claude.init,
      {
        type: 'system',
        subtype: 'api_retry',
        attempt: 1,
        max_retries: 10,
        error_status: 401,
        error: 'authentication_failed',
      },
      { ...claude.says('Invalid API key · Fix external API key'), error: 'authentication_failed' },
      claude.result({
        is_error: true,
        api_error_status: 401,
        result: 'Invalid API key · Fix external API key',
      }),
    ],
    exit: 1,
    is: 'failed',
    says: 'Invalid API key · Fix external API key',
  },
  {
    ending: 'refused login, exit 0',
    source: 'constructed',
    log: [claude.init, claude.result({ is_error: true, result: 'Invalid API key · Please run /login' })],
    is: 'failed',
    says: 'Invalid API key · Please run /login',
  },
  {
    ending: 'context full',
    source: 'reported',
    log: [claude.init, claude.result({ is_error: true, result: 'Prompt is too long' })],
    exit: 1,
    is: 'failed',
    says: 'Prompt is too long',
  },
  {
    ending: 'usage limit, with the event that has the reset',
    source: 'reported',
    log: [
      claude.init,
      claude.limit('rejected', { overageStatus: 'rejected', isUsingOverage: false }),
      { ...claude.says("You've hit your limit · resets 2pm (Asia/Shanghai)"), error: 'rate_limit' },
      claude.result({ is_error: true, result: "You've hit your limit · resets 2pm (Asia/Shanghai)" }),
    ],
    exit: 1,
    is: 'rate_limited',
    resets: 7200,
    says: "You've hit your limit · resets 2pm (Asia/Shanghai)",
  },
  {
    ending: 'usage limit in other words, known by the event alone',
    source: 'reported',
    log: [
      claude.init,
      claude.limit('rejected'),
      claude.result({ is_error: true, result: "Your group's usage limit is set to $0" }),
    ],
    exit: 1,
    is: 'rate_limited',
    resets: 7200,
    says: "Your group's usage limit is set to $0",
  },
  {
    ending: 'usage limit, killed before it could say so',
    source: 'constructed',
    log: [claude.init, claude.says('I begin.'), claude.limit('rejected')],
    exit: 'SIGTERM',
    is: 'rate_limited',
    resets: 7200,
    says: 'Its five hour limit is reached',
  },
  {
    ending: 'usage limit near, and paid extra usage: neither is an error',
    source: 'reported',
    log: [
      claude.init,
      claude.limit('allowed_warning', { utilization: 0.9 }),
      claude.limit('rejected', { isUsingOverage: true }),
      claude.result({
        subtype: 'error_max_turns',
        is_error: true,
        errors: ['Reached maximum number of turns (9)'],
      }),
    ],
    exit: 1,
    is: 'failed',
    says: 'Reached maximum number of turns (9)',
  },
  {
    ending: 'usage limit without a reset',
    source: 'reported',
    log: [
      claude.init,
      claude.result({ is_error: true, api_error_status: 429, result: 'API Error: 429 No more' }),
    ],
    exit: 1,
    is: 'rate_limited',
    says: 'API Error: 429 No more',
  },
  {
    ending: 'usage limit before the first event (older versions)',
    source: 'reported',
    log: [`Claude AI usage limit reached|${after(3600)}`],
    exit: 1,
    is: 'rate_limited',
    resets: 3600,
  },
  {
    ending: 'a retried call, then success',
    source: 'constructed',
    log: [
      claude.init,
      {
        type: 'system',
        subtype: 'api_retry',
        attempt: 1,
        max_retries: 10,
        error_status: 529,
        error: 'overloaded',
      },
      claude.says('Done.'),
      claude.result({ result: 'Done.' }),
    ],
    is: 'unreported',
  },
  {
    ending: 'a task about rate limits, failed for another reason',
    source: 'constructed',
    log: [
      claude.init,
      claude.says(WORDS),
      claude.tool(TEST_OUTPUT),
      claude.result({
        is_error: true,
        api_error_status: 500,
        result: 'API Error: 500 Internal server error',
      }),
    ],
    exit: 1,
    is: 'failed',
    says: 'API Error: 500 Internal server error',
  },
  {
    ending: 'killed in the middle of a task about rate limits',
    source: 'constructed',
    log: [claude.init, claude.says(WORDS), claude.tool(TEST_OUTPUT)],
    exit: 'SIGKILL',
    is: 'failed',
  },
  {
    ending: 'no final event',
    source: 'constructed',
    log: [claude.init, claude.says('I begin.')],
    is: 'unreported',
  },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'unreported' },
  { ending: 'nothing at all, exit 1', source: 'constructed', log: [], exit: 1, is: 'failed' },
]

const codex = {
  thread: { type: 'thread.started', thread_id: 't' },
  turn: { type: 'turn.started' },
  says: (text: string) => ({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } }),
  shell: (aggregated_output: string) => ({
    type: 'item.completed',
    item: {
      id: 'i',
      type: 'command_execution',
      command: 'npm test',
      aggregated_output,
      exit_code: 1,
      status: 'failed',
    },
  }),
  error: (message: string) => ({ type: 'error', message }),
  failed: (message: string) => ({ type: 'turn.failed', error: { message } }),
  done: { type: 'turn.completed', usage: { input_tokens: 1, cached_input_tokens: 0, output_tokens: 1 } },
}
const codexFails = (message: string) => [
  codex.thread,
  codex.turn,
  codex.error(message),
  codex.failed(message),
]

const CODEX: Ending[] = [
  { ending: 'success', source: 'recorded', log: recorded('codex'), is: 'unreported' },
  {
    ending: 'refused login',
    source: 'reported',
    log: codexFails('unexpected status 401 Unauthorized: Missing bearer authentication in header'),
    exit: 1,
    is: 'failed',
    says: 'unexpected status 401 Unauthorized: Missing bearer authentication in header',
  },
  {
    ending: 'an error whose message is the JSON of the server, exit 0',
    source: 'reported',
    log: codexFails(
      '{"error":{"message":"The model does not exist.","type":"invalid_request_error"},"status":400}',
    ),
    is: 'failed',
    says: 'The model does not exist.',
  },
  {
    ending: 'usage limit with a time',
    source: 'reported',
    log: codexFails(
      "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing), or try again in 3 days 2 hours 5 minutes.",
    ),
    exit: 1,
    is: 'rate_limited',
    resets: 266700,
    says: "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing), or try again in 3 days 2 hours 5 minutes.",
  },
  {
    ending: 'rate limit without a time, exit 0',
    source: 'reported',
    log: codexFails('exceeded retry limit, last status: 429 Too Many Requests'),
    is: 'rate_limited',
    says: 'exceeded retry limit, last status: 429 Too Many Requests',
  },
  {
    ending: 'context full',
    source: 'reported',
    log: codexFails("Codex ran out of room in the model's context window. Start a new conversation."),
    exit: 1,
    is: 'failed',
    says: "Codex ran out of room in the model's context window. Start a new conversation.",
  },
  {
    ending: 'a connection that was lost and came back, then success',
    source: 'reported',
    log: [
      codex.thread,
      codex.turn,
      codex.error('Reconnecting... 1/5 (stream disconnected before completion)'),
      codex.says('Done.'),
      codex.done,
    ],
    is: 'unreported',
  },
  {
    ending: 'a connection that was lost for good, without the end of the turn',
    source: 'constructed',
    log: [
      codex.thread,
      codex.turn,
      codex.says('I begin.'),
      codex.error('stream disconnected before completion'),
    ],
    is: 'failed',
    says: 'stream disconnected before completion',
  },
  {
    ending: 'a task about rate limits, failed for another reason',
    source: 'constructed',
    log: [
      codex.thread,
      codex.turn,
      codex.says(WORDS),
      codex.shell(TEST_OUTPUT),
      codex.failed('internal error'),
    ],
    exit: 1,
    is: 'failed',
    says: 'internal error',
  },
  {
    ending: 'interrupted in the middle of a task about rate limits',
    source: 'constructed',
    log: [codex.thread, codex.turn, codex.says(WORDS), codex.shell(TEST_OUTPUT)],
    exit: 'SIGINT',
    is: 'failed',
  },
  { ending: 'no final event', source: 'constructed', log: [codex.thread, codex.turn], is: 'unreported' },
  { ending: 'nothing at all', source: 'constructed', log: [], is: 'unreported' },
  {
    ending: 'a refusal in plain text before the first event',
    source: 'constructed',
    log: ['Error: No prompt provided via stdin.'],
    exit: 1,
    is: 'failed',
  },
]

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

const GEMINI: Ending[] = [
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

const OPENCODE: Ending[] = [
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

/** It has no events, always exits with 0, and cannot report: a person accepts its work. */
const AIDER: Ending[] = [
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
const HERMES: Ending[] = [
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
const SHELL: Ending[] = [
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

const TABLE: Record<string, Ending[]> = {
  'claude-code': CLAUDE,
  codex: CODEX,
  gemini: GEMINI,
  opencode: OPENCODE,
  aider: AIDER,
  hermes: HERMES,
  shell: SHELL,
}

const written = (log: Ending['log']) =>
  log.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')

async function outputOf(preset: string, log: Ending['log']) {
  const parser = PRESETS.get(preset)!.usage_parser
  if (parser !== 'none') return parseAgentOutput(parser, written(log), 30)
  const path = join(mkdtempSync(join(tmpdir(), 'runboard-ending-')), 'log')
  writeFileSync(path, written(log))
  return readAgentOutput(parser, path, 30)
}

it('A1: has the endings of every preset', () => {
  expect(Object.keys(TABLE)).toEqual([...PRESETS.keys()])
})

describe.each(Object.entries(TABLE))('A1, A2, A4: a run of %s ends with', (preset, endings) => {
  it.each(endings)('$ending ($source): $is', async ({ log, exit = 0, is, says, resets }) => {
    const ended =
      typeof exit === 'string' ? { exit_code: null, signal: exit } : { exit_code: exit, signal: null }
    const verdict = verdictOf(PRESETS.get(preset), preset, ended, await outputOf(preset, log))
    expect(verdict.kind).toBe(is)
    if ('last' in verdict) expect(verdict.last).toBe(says ?? null)
    if (verdict.kind !== 'rate_limited') return
    const reset = verdict.resetsAt ?? (await readReset(verdict.texts, NOW)).at
    expect(reset).toBe(resets === undefined ? null : NOW + resets * 1000)
  })
})

/** What each agent without a report writes on an error while its exit code is 0. */
const ERRORS: [string, Ending['log'], Outcome][] = [
  ['opencode', OPENCODE[1]!.log, 'crashed'],
  ['gemini', GEMINI[2]!.log, 'crashed'],
  ['aider', AIDER[1]!.log, 'crashed'],
  ['hermes', HERMES[2]!.log, 'crashed'],
  ['gemini', GEMINI[9]!.log, 'rate_limited'],
  ['gemini', GEMINI[14]!.log, 'crashed'],
]

describe('A1: a dependent task', () => {
  it.each(ERRORS)('does not start after an error of %s that exits with 0', async (preset, log, outcome) => {
    const { call, create, path, profile, runs, task } = await setupWorkers()
    const { completion, failure_pattern, rate_limit_pattern, usage_parser } = PRESETS.get(preset)!
    writeFileSync(path('output'), written(log))
    await profile('agent', `cat '${path('output')}'`, {
      completion,
      failure_pattern,
      rate_limit_pattern,
      usage_parser,
      failure_limit: 1,
    })
    await profile('deploy', `echo deployed`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'agent' })
    const after = await create({ assignee: 'deploy', parents: [id] })

    await call('dispatcher.dispatch', { wait: true })

    expect(await runs(id)).toMatchObject([{ outcome, exit_code: 0 }])
    expect((await task(id)).status).not.toBe('done')
    expect(await runs(after.id)).toEqual([])
  })
})

describe('A1: a run that ends with an error', () => {
  const used = { input_tokens: 12, cache_read_input_tokens: 4, output_tokens: 3 }
  const maxTurns = claude.result({
    subtype: 'error_max_turns',
    is_error: true,
    errors: ['Reached maximum number of turns (3)'],
    usage: used,
    total_cost_usd: 0.5,
  })

  async function ended(line: (output: string) => string) {
    const bundle = await setupWorkers()
    writeFileSync(bundle.path('output'), written([claude.init, maxTurns]))
    const fields = { usage_parser: 'claude-json', failure_limit: 1 } as const
    await bundle.profile('agent', line(`cat '${bundle.path('output')}'`), fields)
    const { id } = await bundle.create({ assignee: 'agent' })
    await bundle.call('dispatcher.dispatch', { wait: true })
    return { task: await bundle.task(id), run: (await bundle.runs(id))[0] }
  }

  it('gives its reason in the agent’s words and keeps its usage', async () => {
    const { run, task } = await ended((output) => output)
    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 0 })
    expect(run?.usage).toMatchObject({ input_tokens: 12, output_tokens: 3, cost_usd: 0.5, turns: 3 })
    expect(errorHeadline(run?.error ?? null)).toBe('Reached maximum number of turns (3)')
    expect(task).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('still counts as completed after its report', async () => {
    const { run, task } = await ended(
      (output) => `runboard complete '{"summary":"It works"}'; ${output}; exit 1`,
    )
    expect(run).toMatchObject({ outcome: 'completed', summary: 'It works', exit_code: 1 })
    expect(task.status).toBe('done')
  })
})
