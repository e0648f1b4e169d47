import { PLACES } from '../../../contract/index.ts'
import type { LocalVerb } from './verb.ts'

/** @returns the verbs of the operations that are shown by a view */
function verbsShownBy(wanted: string): string[] {
  return Object.values(PLACES).flatMap(({ verb, view }) => (view === wanted ? [verb] : []))
}

/** The words of the operation that gets `--follow` and `--readable`. */
const LOG_VERB = verbsShownBy('log')[0] ?? 'log'

/** The verbs whose exit code says whether there is an answer. */
const ASKING = verbsShownBy('answer')

/** The verbs that only a terminal has. `load.ts` loads the work of each when it is called. */
export const localVerbs: readonly LocalVerb[] = [
  {
    verb: LOG_VERB,
    flags: [
      { flag: '--follow', field: 'follow', parse: 'flag', help: 'keep following until the run has ended' },
      {
        flag: '--readable',
        field: 'readable',
        parse: 'flag',
        help: 'print JSON logs of agents and programs as readable text, not byte by byte',
      },
    ],
    work: 'log',
  },
  {
    verb: 'tail',
    summary: 'Follow the events of one task',
    section: 'Run until stopped',
    args: [{ name: 'ID', field: 'id' }],
    work: 'tail',
  },
  {
    verb: 'serve',
    summary: 'Serve the boards to a browser and to programs, and dispatch them',
    section: 'Run until stopped',
    flags: [
      {
        flag: '--port',
        value: 'N',
        field: 'port',
        parse: 'int',
        help: 'default: the usual port, or a free one',
      },
      { flag: '--open', field: 'open', parse: 'flag', help: 'open the page in the browser' },
      {
        flag: '--new-token',
        field: 'newToken',
        parse: 'flag',
        help: 'create a new token; open tabs and scripts need the new address',
      },
      {
        flag: '--no-dispatch',
        field: 'dispatch',
        constant: false,
        help: 'show the boards without dispatching them',
      },
    ],
    work: 'serve',
  },
  {
    verb: 'mcp',
    summary: 'Serve the board to an agent over MCP, on standard input and output',
    section: 'Run until stopped',
    flags: [
      {
        flag: '--worker',
        field: 'worker',
        parse: 'flag',
        help: 'refuse to start unless the environment names a run, so that a worker never acts as you',
      },
      {
        flag: '--print-config',
        value: 'claude-code|codex|gemini|opencode',
        field: 'agent',
        help: 'print the configuration that gives workers of that agent access to the board, and exit',
      },
    ],
    work: 'mcp',
  },
  ...ASKING.map((verb) => ({ verb, work: 'ask' as const })),
  {
    verb: 'acp',
    summary: 'Talk to an agent over ACP, as the worker of a profile with driver=acp',
    section: 'Run until stopped',
    rest: true,
    flags: [
      { flag: '--mode', value: 'MODE', field: 'mode', help: 'the mode to put its session into' },
      { flag: '--model', value: 'M', field: 'model', help: 'the model to choose for its session' },
      { flag: '--resume', value: 'SESSION', field: 'resume', help: 'the session to continue' },
    ],
    work: 'acp',
  },
  {
    verb: 'export',
    work: 'export',
  },
  {
    verb: 'completion',
    summary: 'Print the completion script of a shell',
    args: [{ name: 'bash|zsh|fish', field: 'shell' }],
    work: 'completion',
  },
  {
    verb: 'help',
    summary: 'Show the verbs, or the flags of one',
    args: [{ name: 'VERB', field: 'verb', many: true, optional: true }],
    work: 'help',
  },
]
