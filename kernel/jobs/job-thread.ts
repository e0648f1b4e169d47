// The thread that does one job and ends.
import { parentPort, workerData } from 'node:worker_threads'
import { OperationError } from '../../contract/index.ts'
import { type JobName, jobs } from './jobs.ts'
import type { JobAnswer } from './run-job.ts'

function answerOf({ name, input }: { name: JobName; input: unknown }): JobAnswer {
  try {
    return { value: jobs[name](input as never) }
  } catch (error) {
    if (error instanceof OperationError) {
      return { refused: { code: error.code, message: error.message, data: error.data } }
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    return { failed: { message: error instanceof Error ? error.message : String(error), code } }
  }
}

parentPort?.postMessage(answerOf(workerData as { name: JobName; input: unknown }))
