import { operationList } from '../../../contract/index.ts'
import type { LocalVerb } from './verb.ts'

/** The words of the operation that gets `--follow` and `--readable`. */
const LOG_VERB = operationList.find(([, spec]) => spec.cli?.view === 'log')?.[1].cli?.verb ?? 'log'

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
        help: 'say in words what agents and programs log as JSON, instead of byte by byte',
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
        help: 'the usual port, or a free one, if not given',
      },
      { flag: '--open', field: 'open', parse: 'flag', help: 'open the page in the browser' },
      {
        flag: '--new-token',
        field: 'newToken',
        parse: 'flag',
        help: 'renew the token; open tabs and scripts need the new address then',
      },
      { flag: '--no-dispatch', field: 'dispatch', constant: false, help: 'only show; start no work' },
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
        help: 'do not start unless the environment names a run, so that a worker is never taken for you',
      },
      {
        flag: '--print-config',
        value: 'claude-code|codex|gemini|opencode',
        field: 'agent',
        help: 'print the configuration by which workers of that agent reach the board, and exit',
      },
    ],
    work: 'mcp',
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
