import {
  type ListResourcesResult,
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  type Variables,
} from '@modelcontextprotocol/server'
import { asOperationError, type LogAnswer } from '../../contract/index.ts'
import type { Served } from './tools.ts'

/** The end of a log matters most; a whole log has up to 20 MB. */
const LOG_TAIL_BYTES = 256 * 1024

/** A person's client shows the list in a menu. */
const LISTED_TASKS = 50

type Listed = ListResourcesResult['resources']

const contextUri = (taskId: string) => `runboard://task/${taskId}/context`
const logUri = (runId: number) => `runboard://run/${runId}/log`

/** A title in one of our lists must not look like another entry. */
const oneLine = (title: string) => title.replace(/[\s\u0085\p{Cc}]+/gu, ' ').trim()

function contextEntry(taskId: string, title: string): Listed[number] {
  return {
    uri: contextUri(taskId),
    name: `Context of ${taskId}`,
    title: oneLine(title),
    mimeType: 'text/markdown',
  }
}

function logEntry(runId: number, title: string): Listed[number] {
  return { uri: logUri(runId), name: `Log of run ${runId}`, title: oneLine(title), mimeType: 'text/plain' }
}

/** A worker sees its own task; a person the tasks that changed last. */
async function listed({ kernel, caller }: Served): Promise<{ contexts: Listed; logs: Listed }> {
  if (caller.worker !== undefined) {
    const { task_id, run_id } = caller.worker
    return { contexts: [contextEntry(task_id, 'Your task')], logs: [logEntry(run_id, 'Your own output')] }
  }
  const { tasks } = await kernel.call('task.list', { sort: '-updated', limit: LISTED_TASKS }, caller)
  return {
    contexts: tasks.map((task) => contextEntry(task.id, task.title)),
    logs: tasks.flatMap((task) =>
      task.current_run_id === null ? [] : [logEntry(task.current_run_id, task.title)],
    ),
  }
}

/** @throws what MCP calls a failed reading of a resource */
async function orMcpError<T>(uri: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    const error = asOperationError(cause)
    if (error.code === 'NOT_FOUND') throw new ResourceNotFoundError(uri, error.message)
    const code = error.code === 'INTERNAL' ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams
    throw new ProtocolError(code, error.message, error.toBody())
  }
}

function idOf(variables: Variables): string {
  const { id } = variables
  return decodeURIComponent(typeof id === 'string' ? id : (id?.[0] ?? ''))
}

function logText({ content, from, size }: LogAnswer): string {
  return from === 0 ? content : `[the first ${from} of ${size} bytes are left out]\n${content}`
}

/** Registers the resources: the context of a task's worker, and the log of a run. */
export function registerResources(server: McpServer, served: Served): void {
  const { kernel, caller } = served
  server.registerResource(
    'task-context',
    new ResourceTemplate('runboard://task/{id}/context', {
      list: async () => ({ resources: (await listed(served)).contexts }),
    }),
    {
      title: 'Context of a task',
      description: 'What its worker is given to read: the task, earlier attempts, parents, comments',
      mimeType: 'text/markdown',
    },
    async (uri, variables) => {
      const answer = kernel.call('task.context', { id: idOf(variables) }, caller)
      const { context: text } = await orMcpError(uri.href, answer)
      return { contents: [{ uri: uri.href, mimeType: 'text/markdown', text }] }
    },
  )
  server.registerResource(
    'run-log',
    new ResourceTemplate('runboard://run/{id}/log', {
      list: async () => ({ resources: (await listed(served)).logs }),
    }),
    {
      title: 'Log of a run',
      description: 'What the worker of an attempt has written, its end where it is long',
      mimeType: 'text/plain',
    },
    async (uri, variables) => {
      const input = { id: Number(idOf(variables)), tail: LOG_TAIL_BYTES }
      const answer = await orMcpError(uri.href, kernel.call('run.log', input, caller))
      return { contents: [{ uri: uri.href, mimeType: 'text/plain', text: logText(answer) }] }
    },
  )
}
