/** One thing that the fake agent does in a turn, in order. */
export type Step =
  | { say: string }
  | { think: string }
  /** An update of the session, sent unchanged. */
  | { update: Record<string, unknown> }
  /** A line on its standard output, written unchanged. */
  | { raw: string }
  | { stderr: string }
  /** A notification of its own. */
  | { notify: string; params: Record<string, unknown> }
  /** A request; its answer is recorded. `withdrawn_at`: it is cancelled as soon as this file is there. */
  | { request: string; params: Record<string, unknown>; withdrawn_at?: string }
  /** Runs `runboard` with these arguments. */
  | { runboard: string[] }
  /** Starts our MCP server as the session names it, and calls a tool of it. */
  | { tool: string; input: Record<string, unknown> }
  | { await: string }
  | { die: number | 'SIGKILL' }
  /** The turn lasts until it is cancelled. */
  | { hang: true }
  /** Says this number of characters in one message. */
  | { chatter: number }
  | { end: string }
  | { error: { code: number; message: string; data?: unknown } }

/** What the fake agent does, from its start to its end. */
export interface Scenario {
  name?: string
  /** Fields of its answer to `initialize`. */
  capabilities?: Record<string, unknown>
  /** Fields of its answer to `session/new`. */
  session?: Record<string, unknown>
  /** One list of steps for each prompt; a turn without an `end` ends with `end_turn`. */
  turns: Step[][]
  ignoresCancel?: true
  /** It stays when its standard input is closed, and at SIGTERM. */
  ignoresStop?: true
  resume?: 'accepts' | 'refuses'
  load?: 'accepts' | 'refuses'
  /** What it repeats of a loaded session. */
  history?: Step[]
  /** How it answers a message during a turn. */
  steering?: 'accepts' | 'promptRequired' | 'refuses'
  /** It never answers this method. */
  silent?: string
}

/** The agent asks whether it may run a command, and offers to allow or to refuse it once. */
export const asksToRun = (command: string) => ({
  request: 'session/request_permission',
  params: {
    toolCall: { toolCallId: command, title: command, kind: 'execute', rawInput: { command } },
    options: [
      { optionId: 'yes', kind: 'allow_once', name: 'Yes' },
      { optionId: 'no', kind: 'reject_once', name: 'No' },
    ],
  },
})
