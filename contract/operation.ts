import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import { lazily } from './lazily.ts'

/** An operation is declared once, here, for every door. Doors iterate over these declarations and name no operation. */
export interface OperationSpec {
  /** One sentence for help texts and the OpenAPI document. */
  summary: string
  /** `read` changes nothing. `stream` returns a sequence that ends when the caller leaves. */
  kind: 'read' | 'write' | 'stream'
  /** `board`: acts on one board, named by `board` in the input or by the door. `app`: acts on the whole home. */
  scope: 'board' | 'app'
  input: z.ZodObject
  output: z.ZodType
  /** Codes that a caller should expect in addition to INVALID_INPUT, BUSY and INTERNAL. */
  errors: readonly ErrorCode[]
  /**
   * What a worker (a caller that acts as a run) may do with it.
   * `any`: everything. `own`: only on its own task. `made`: on its own task and those that its runs created, with
   * the planner capability on any. `planner`: only with the planner capability. `never`: not at all, because a person
   * decides. (A verb that runs other operations, such as `move`, is refused by theirs.)
   */
  worker: 'any' | 'own' | 'made' | 'planner' | 'never'
  http?: HttpDoor
  cli?: CliDoor
  mcp?: McpDoor
  /** The verb's name in `task.bulk`, for verbs that make sense for several tasks. */
  bulk?: string
}

export interface HttpDoor {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api`, with `{id}` for a field of the input. */
  path: `/${string}`
}

/**
 * How a word of the command line becomes a field of the input. `path` and `workspace` (`dir:PATH`) are resolved from
 * the caller's current folder; `file` and `json-file` read the named file, `-` being standard input.
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
  /** Takes one or more words. With several, the verb runs as `task.bulk` if `bulk` is set; else they fill an array. */
  many?: true
  optional?: true
  /** A worker may omit it, and then means its own task. */
  own?: true
}

export interface CliFlag {
  /** As typed, `--max-runtime`. */
  flag: `--${string}`
  /** The name of its value in help texts; absent for a switch. */
  value?: string
  field: string
  /** The field is an object, and the value is stored under this key. */
  key?: string
  parse?: CliParse
  many?: true
  /** With `many`: a value may contain commas; otherwise each part between commas is one. */
  whole?: true
  /** With `many`: the empty text, given once, clears the list. */
  clears?: true
  /** For a switch that sets a value other than true. */
  constant?: string | number | boolean
  /** Help text, if the name does not say enough. */
  help?: string
}

export interface CliDoor {
  /** One word, or two for a group: `boards create`. */
  verb: string
  args?: readonly CliArg[]
  flags?: readonly CliFlag[]
  /** The text view in doors/cli that prints the answer without `--json`. */
  view: string
  /** The field for the arguments after `--`, as an array. */
  rest?: string
  /** Needs `--yes`, because it cannot be undone. */
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

/** A spec as it is written: with functions that make its schemas. */
export interface OperationDeclaration extends Omit<OperationSpec, 'input' | 'output'> {
  input: () => z.ZodObject
  output: () => z.ZodType
}

type Declared<D> = {
  readonly [K in keyof D]: K extends 'input' | 'output' ? (D[K] extends () => infer S ? S : never) : D[K]
}

/** @returns the specs by the same names; the schemas of each are made when they are first read */
export function declareOperations<const D extends Readonly<Record<string, OperationDeclaration>>>(
  declarations: D,
): { readonly [N in keyof D]: Declared<D[N]> } {
  const specs = Object.entries(declarations).map(([name, { input, output, ...rest }]) => {
    const schemas = {
      input: { get: lazily(input), enumerable: true },
      output: { get: lazily(output), enumerable: true },
    }
    return [name, Object.defineProperties(rest, schemas)] as const
  })
  return Object.fromEntries(specs) as { readonly [N in keyof D]: Declared<D[N]> }
}
