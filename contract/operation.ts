import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/**
 * How an operation is declared: once, here, for every door. Doors loop over these; none of them names an operation.
 */
export interface OperationSpec {
  /** One sentence for help texts and the OpenAPI document. */
  summary: string
  /** `read` changes nothing. `stream` gives its output as a sequence that ends when the caller leaves. */
  kind: 'read' | 'write' | 'stream'
  /** `board`: acts on one board, given by `board` in the input or by the door. `app`: acts on the whole home. */
  scope: 'board' | 'app'
  input: z.ZodObject
  output: z.ZodType
  /** Codes that a caller should expect beside INVALID_INPUT, BUSY and INTERNAL. */
  errors: readonly ErrorCode[]
  /**
   * What a worker (a caller that acts as a run) may do with it.
   * `any`: as anyone. `own`: on its own task only. `made`: on its own task and those that its runs have created, with the
   * planner capability on any. `planner`: with the planner capability only. `never`: not at all, because it is a person's
   * to decide. (A verb that runs others, as `move` does, is refused by theirs.)
   */
  worker: 'any' | 'own' | 'made' | 'planner' | 'never'
  http?: HttpDoor
  cli?: CliDoor
  mcp?: McpDoor
  /** The verb's name in `task.bulk`, for verbs that make sense on several tasks. */
  bulk?: string
}

export interface HttpDoor {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api`, with `{id}` for a field of the input. */
  path: `/${string}`
}

/**
 * How the text of one command line word becomes a field of the input. `path` and `workspace` (`dir:PATH`) are made absolute
 * from where the caller stands; `file` and `json-file` give what is in the named file, `-` being standard input.
 */
export type CliParse =
  | 'text'
  | 'int'
  | 'float'
  | 'duration'
  | 'when'
  | 'json'
  | 'flag'
  | 'file'
  | 'json-file'
  | 'pair'
  | 'assignee'
  | 'path'
  | 'workspace'

export interface CliArg {
  name: string
  field: string
  parse?: CliParse
  /** Takes one or more; several make the verb run as `task.bulk` where `bulk` is set, else fill an array. */
  many?: true
  optional?: true
  /** May be left out by a worker: its own task is meant. */
  own?: true
}

export interface CliFlag {
  /** As typed, `--max-runtime`. */
  flag: `--${string}`
  /** The name of its value in help texts; none for a switch. */
  value?: string
  field: string
  /** The field is an object, and the value goes under this key. */
  key?: string
  parse?: CliParse
  many?: true
  /** With `many`: nothing, given once, takes the list away. */
  clears?: true
  /** For switches that stand for a value other than true. */
  constant?: string | number | boolean
  /** Said in help when the name does not say it. */
  help?: string
}

export interface CliDoor {
  /** One word, or two for a group: `boards create`. */
  verb: string
  args?: readonly CliArg[]
  flags?: readonly CliFlag[]
  /** Which text view of doors/cli prints the answer when `--json` is not given. */
  view: string
  /** Arguments after `--` go here, as an array. */
  rest?: string
  /** Needs `--yes`, because nothing brings it back. */
  confirm?: true
}

export interface McpDoor {
  tool: string
  /** For the agent: what it is for and when to call it. */
  description: string
  destructive?: true
  /** Not offered to a worker whose profile lacks the planner capability. */
  planner?: true
}
