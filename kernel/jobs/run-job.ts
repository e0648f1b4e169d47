import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { OperationError } from '../../contract/index.ts'
import { applicationRoot } from '../db/migrate.ts'
import { type JobName, type Jobs, jobs } from './jobs.ts'

/** The answer of a thread. */
export type JobAnswer =
  | { value: unknown }
  | { refused: { code: OperationError['code']; message: string; data: Record<string, unknown> | undefined } }
  | { failed: { message: string; code: string | undefined } }

/** The file of a thread: in the kernel's folder in the sources, beside the other entries once built. */
export function threadFile(source: string): string | null {
  const isSource = fileURLToPath(import.meta.url).endsWith('.ts')
  const file = isSource
    ? fileURLToPath(new URL(`../${source}`, import.meta.url))
    : join(applicationRoot(), 'out', 'main', `${basename(source, '.ts')}.cjs`)
  return existsSync(file) ? file : null
}

export function valueOf(answer: JobAnswer): unknown {
  if ('value' in answer) return answer.value
  if ('refused' in answer)
    throw new OperationError(answer.refused.code, answer.refused.message, answer.refused.data)
  throw Object.assign(new Error(answer.failed.message), { code: answer.failed.code })
}

/** A thread that runs out of memory ends alone; the process continues. */
export function outOfMemory(error: Error): OperationError | null {
  if (!('code' in error) || error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return null
  const why = 'Out of memory. Nothing was changed.'
  return new OperationError('CONFLICT', why, undefined, { cause: error })
}

function runInThread(file: string, name: JobName, input: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: { name, input } })
    worker.once('message', (answer: JobAnswer) => {
      try {
        resolve(valueOf(answer))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    worker.once('error', (error: Error) => reject(outOfMemory(error) ?? error))
    worker.once('exit', (code) => reject(new Error(`a job ended without an answer (${code})`)))
  })
}

/**
 * Runs a job, in a separate thread if this process has other work meanwhile: a window to paint, workers to watch,
 * calls to answer. A command line has none, and starting a thread would cost it more than it saves.
 */
export async function runJob<N extends JobName>(
  name: N,
  input: Jobs[N]['input'],
  options: { inThread: boolean },
): Promise<Jobs[N]['output']> {
  const file = options.inThread ? threadFile('jobs/job-thread.ts') : null
  if (file === null) return jobs[name](input)
  return (await runInThread(file, name, input)) as Jobs[N]['output']
}
