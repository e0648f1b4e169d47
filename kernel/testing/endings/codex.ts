import { recorded } from '../../../formats/testing/recorded.ts'
import { type EndingCase, TEST_OUTPUT, WORDS } from './ending-case.ts'

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

export const CODEX: EndingCase[] = [
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
