import type {
  CallToolResult,
  McpServer,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from '@modelcontextprotocol/server'
import {
  asOperationError,
  type McpDoor,
  OperationError,
  operationList,
  type OperationName,
  type OperationSpec,
} from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { readArguments } from './arguments.ts'
import { type JsonSchema, toolInputSchema, toolOutputSchema } from './tool-schema.ts'

/** The caller that a server serves, and what it may offer. */
export interface Served {
  kernel: Kernel
  caller: Caller
  /** Whether the caller may plan: a person, or a worker whose profile has that capability. */
  planner: boolean
  /** Milliseconds since the epoch. */
  now: () => number
  report: (message: string, cause?: unknown) => void
}

/** Number of cards in a list without a limit: a whole board does not fit into one message. */
const LIST_LIMIT = 100

/** Readers of stdio take messages of up to 10 MB, and a message contains the answer twice: as text and as structure. */
const ANSWER_LIMIT_CHARACTERS = 3_500_000

interface Tool {
  name: OperationName
  spec: OperationSpec
  mcp: McpDoor
  /** Filled in for fields that the caller omits. */
  defaults: Record<string, unknown>
}

function defaultsOf(spec: OperationSpec, caller: Caller): Record<string, unknown> {
  const { shape } = spec.input
  const own = 'id' in shape && caller.worker !== undefined ? { id: caller.worker.task_id } : {}
  return 'limit' in shape ? { ...own, limit: LIST_LIMIT } : own
}

/** @returns the tools of the contract that this caller is offered */
export function toolsFor({ caller, planner }: Pick<Served, 'caller' | 'planner'>): Tool[] {
  return operationList.flatMap(([name, spec]): Tool[] => {
    const { mcp } = spec
    if (mcp === undefined || (mcp.planner === true && !planner)) return []
    return [{ name, spec, mcp, defaults: defaultsOf(spec, caller) }]
  })
}

/** Publishes a schema but accepts everything: the kernel checks input, with the same messages for every door. */
function described<T>(schema: JsonSchema): StandardSchemaWithJSON<T> {
  return {
    '~standard': {
      version: 1,
      vendor: 'runboard',
      validate: (value) => ({ value: value as T }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  }
}

function annotationsOf({ spec, mcp }: Tool): ToolAnnotations {
  return {
    readOnlyHint: spec.kind === 'read',
    destructiveHint: mcp.destructive === true,
    openWorldHint: false,
  }
}

function titleOf(tool: string): string {
  return `${tool.charAt(0).toUpperCase()}${tool.slice(1)}`.replaceAll('_', ' ')
}

/** The answer twice: as structure, and as text for clients that do not read structure. */
function result(answer: object, isError: boolean): CallToolResult {
  const content: CallToolResult['content'] = [{ type: 'text', text: JSON.stringify(answer) }]
  const structuredContent = answer as Record<string, unknown>
  return isError ? { content, structuredContent, isError } : { content, structuredContent }
}

function refuseTooLarge({ mcp }: Tool, answer: CallToolResult): CallToolResult {
  const [content] = answer.content
  if (content?.type !== 'text' || content.text.length <= ANSWER_LIMIT_CHARACTERS) return answer
  const error = new OperationError(
    'INVALID_INPUT',
    `The answer of ${mcp.tool} is too large for one message: ask for less, with a filter or a smaller limit.`,
    { characters: content.text.length },
  )
  return result(error.toBody(), true)
}

function inputOf({ spec, defaults }: Tool, given: Record<string, unknown>, now: number) {
  const read = readArguments(given, spec.input.shape, now)
  // A blank id counts as omitted, and an omitted id means the caller's own task.
  const told = Object.entries(read).filter(([name, value]) => !(name in defaults && value === ''))
  return { ...defaults, ...Object.fromEntries(told) }
}

/**
 * @param signal aborted when the client cancels the call
 * @returns the operation's answer or its refusal, both as a result, so that the model can read why and what would work
 */
async function callTool(
  tool: Tool,
  served: Served,
  given: Record<string, unknown>,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const { kernel, caller, now, report } = served
  try {
    const input = inputOf(tool, given, now())
    const answer = result((await kernel.callByName(tool.name, input, { ...caller, signal })) as object, false)
    return tool.spec.kind === 'read' ? refuseTooLarge(tool, answer) : answer
  } catch (error) {
    if (!(error instanceof OperationError)) report(`${tool.mcp.tool} failed`, error)
    return result(asOperationError(error).toBody(), true)
  }
}

/** Registers a tool for each `mcp` section of the contract. */
export function registerTools(server: McpServer, served: Served): void {
  for (const tool of toolsFor(served)) {
    const { spec, mcp, defaults } = tool
    server.registerTool(
      mcp.tool,
      {
        title: titleOf(mcp.tool),
        description: mcp.description,
        inputSchema: described<Record<string, unknown>>(toolInputSchema(spec, defaults)),
        outputSchema: described<Record<string, unknown>>(toolOutputSchema(spec)),
        annotations: annotationsOf(tool),
      },
      (given, { mcpReq }) => callTool(tool, served, given, mcpReq.signal),
    )
  }
}
