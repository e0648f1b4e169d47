import { type EndingCase, WORDS } from './ending-case.ts'

/** Qwen Code 0.24.4 writes the events of Claude Code, with its reason under `error`. */
const qwen = {
  init: {
    type: 'system',
    subtype: 'init',
    uuid: 'u',
    session_id: 's',
    model: 'm',
    qwen_code_version: '0.24.4',
  },
  says: (text: string) => ({
    type: 'assistant',
    uuid: 'u',
    session_id: 's',
    parent_tool_use_id: null,
    message: { role: 'assistant', content: [{ type: 'text', text }], stop_reason: null },
  }),
  result: (fields: object) => ({ type: 'result', uuid: 'u', session_id: 's', num_turns: 1, ...fields }),
}
const REFUSED = '[API Error: Connection error. (cause: fetch failed)]'
const LIMITED = '[API Error: 429 Too Many Requests]'
const failed = (message: string) =>
  qwen.result({ subtype: 'error_during_execution', is_error: true, error: { message } })

export const QWEN: EndingCase[] = [
  {
    ending: 'success',
    source: 'recorded',
    log: [
      qwen.init,
      qwen.says('All is done.'),
      qwen.result({ subtype: 'success', is_error: false, result: 'All is done.' }),
    ],
    is: 'unreported',
  },
  {
    ending: 'error of the connection',
    source: 'recorded',
    log: [qwen.init, qwen.says(REFUSED), failed(REFUSED)],
    exit: 1,
    is: 'failed',
    says: REFUSED,
  },
  {
    ending: 'rate limit',
    source: 'constructed',
    log: [qwen.init, qwen.says(LIMITED), failed(LIMITED)],
    exit: 1,
    is: 'rate_limited',
    says: LIMITED,
  },
  {
    ending: 'a session that is not there',
    source: 'recorded',
    log: [
      'No saved session found with ID 1. Run `qwen --resume` without an ID to choose from existing sessions.',
    ],
    exit: 1,
    is: 'failed',
  },
  { ending: 'cut off', source: 'constructed', log: [qwen.init, qwen.says(WORDS)], is: 'unreported' },
]
