import type { OperationName } from './operations/index.ts'

/**
 * `propose`: a worker with the planner capability may set it; the task is then held until a person accepts. `never`: no
 * worker may set it.
 */
export type CommandFieldRight = 'propose' | 'never'

/** An input field whose value becomes a process, or the folder in which one runs. */
export interface CommandField {
  operation: OperationName
  field: string
  /** What the value is used for. */
  ends_in: string
  /** Only matching values have that effect; by default every value does. */
  matches?: RegExp
  worker: CommandFieldRight
}

/** `scratch`, `worktree` and `parent` do not name a folder of the caller's choice. */
const NAMES_A_FOLDER = /^\s*(dir|worktree):/

/**
 * Every input by which a caller makes Runboard run a command or choose a folder for one. A person may set these through
 * any door; a worker without the planner capability may set none of them.
 */
export const COMMAND_FIELDS: readonly CommandField[] = [
  {
    operation: 'task.create',
    field: 'verify_command',
    ends_in: 'a shell line, run in the workspace',
    worker: 'propose',
  },
  {
    operation: 'task.create',
    field: 'workspace',
    ends_in: 'the folder that its workers start in',
    matches: NAMES_A_FOLDER,
    worker: 'propose',
  },
  {
    operation: 'task.edit',
    field: 'verify_command',
    ends_in: 'a shell line, run in the workspace',
    worker: 'propose',
  },
  { operation: 'board.init', field: 'project_dir', ends_in: 'the folder of worktrees', worker: 'never' },
  { operation: 'board.create', field: 'project_dir', ends_in: 'the folder of worktrees', worker: 'never' },
  { operation: 'board.set', field: 'settings', ends_in: 'project folder and workspaces', worker: 'never' },
  { operation: 'profile.add', field: 'command', ends_in: 'a program', worker: 'never' },
  { operation: 'profile.add', field: 'shell', ends_in: 'a shell line', worker: 'never' },
  { operation: 'profile.add', field: 'env', ends_in: 'the environment of a program', worker: 'never' },
  {
    operation: 'profile.add',
    field: 'allowed_commands',
    ends_in: 'commands that its agents run without asking',
    worker: 'never',
  },
  { operation: 'profile.add', field: 'preset', ends_in: 'a program', worker: 'never' },
  { operation: 'profile.set', field: 'fields', ends_in: 'a program or a shell line', worker: 'never' },
  { operation: 'profile.test', field: 'name', ends_in: 'the program of a profile', worker: 'never' },
  { operation: 'exchange.import_json', field: 'path', ends_in: 'a board with commands', worker: 'never' },
  { operation: 'exchange.import_hermes', field: 'path', ends_in: 'a board with commands', worker: 'never' },
  { operation: 'backup.restore', field: 'path', ends_in: 'a board with commands', worker: 'never' },
]
