import { dialog } from 'electron'
import type { Client, QuitPolicy, Worker } from '../../contract/index.ts'
import { e2e } from './e2e-hooks.ts'

/** What to do with running workers when the app is asked to quit. */
export type QuitChoice = 'leave' | 'stop' | 'stay'

const CHOICES: readonly QuitChoice[] = ['leave', 'stop', 'stay']

/** A run that this process watches. */
export interface RunningHere {
  board: string
  worker: Worker
}

/** @returns the runs of all boards that this process dispatches; other processes are responsible for their own */
export async function runningHere(client: Client): Promise<RunningHere[]> {
  const { boards } = await client.board.list({})
  const each = await Promise.all(
    boards
      .filter(({ problem }) => problem === null)
      .map(async ({ slug: board }) => {
        const { dispatcher } = await client.dispatcher.show({ board })
        if (dispatcher.who !== 'here') return []
        const { workers } = await client.worker.list({ board })
        return workers.map((worker) => ({ board, worker }))
      }),
  )
  return each.flat()
}

/**
 * @param running the titles of the running tasks
 * @returns the choice by the policy, or the user's answer
 */
export async function chooseAtQuit(policy: QuitPolicy, running: readonly string[]): Promise<QuitChoice> {
  if (running.length === 0) return 'leave'
  if (policy !== 'ask') return policy
  const several = running.length > 1
  const options = {
    type: 'question' as const,
    title: 'Quit Runboard',
    message: several ? `${running.length} workers are running.` : `A worker is running: ${running[0]}.`,
    detail:
      'If left running, Runboard picks them up when it next starts. If stopped, their tasks run again then.',
    buttons: [several ? 'Leave them running' : 'Leave it running', 'Stop and quit', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  }
  const { response } = e2e === null ? await dialog.showMessageBox(options) : await e2e.ask(options)
  return CHOICES[response] ?? 'stay'
}

/**
 * Stops the workers of these runs. Their tasks become ready again.
 *
 * @throws Error that names the runs that could not be stopped; the others are stopped
 */
export async function stopWorkers(client: Client, running: readonly RunningHere[]): Promise<void> {
  const reason = 'Runboard was quit'
  const results = await Promise.allSettled(
    running.map(({ board, worker }) => client.task.reclaim({ board, id: worker.task_id, reason })),
  )
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${running[index]?.worker.task_id}: ${String(result.reason)}`] : [],
  )
  if (failures.length > 0) throw new Error(failures.join('; '))
}
