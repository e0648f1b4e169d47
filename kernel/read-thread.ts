// The thread that answers long reads of large boards, until the process ends it. It opens a board for each read and
// closes it again: the board may be archived or restored in between.
import { parentPort } from 'node:worker_threads'
import { asOperationError } from '../contract/index.ts'
import type { JobAnswer } from './jobs/run-job.ts'
import { openKernel } from './kernel.ts'
import type { ReadRequest } from './long-reads.ts'

async function answerOf({
  home,
  env,
  now,
  dispatching,
  name,
  input,
  caller,
}: ReadRequest): Promise<JobAnswer> {
  // The caller gets an error, and the thread that asked reports it.
  const kernel = openKernel({ home, env, clock: () => now, dispatching, report: () => undefined })
  try {
    return { value: await kernel.callByName(name, input, caller) }
  } catch (error) {
    const { code, message, data } = asOperationError(error)
    return { refused: { code, message, data } }
  } finally {
    await kernel.close()
  }
}

parentPort?.on('message', (request: ReadRequest) => {
  void answerOf(request).then((answer) => parentPort?.postMessage(answer))
})
