import type { Worker } from '../../contract/index.ts'
import type { Action } from '../shared/actions.svelte.ts'
import type { OpenBoard, Runboard } from '../shared/context.ts'
import type { VerbSubject } from '../shared/verbs.ts'
import type { WorkersStore } from './workers-store.svelte.ts'

/** @returns the fields of the worker's task that a verb needs, whether its card is loaded or not */
function subjectOf(board: OpenBoard, worker: Worker): VerbSubject {
  return (
    board.card(worker.task_id) ?? {
      id: worker.task_id,
      title: worker.title,
      status: 'running',
      held: false,
      retry_at: null,
      block_reason: null,
      block_kind: null,
    }
  )
}

/** Asks, then stops the process tree. */
export function stopWorker(app: Runboard, board: OpenBoard, worker: Worker): Promise<boolean> {
  return app.verbs.run('stop', [subjectOf(board, worker)])
}

/** Keyboard actions of the workers view. */
export function workerActions(app: Runboard, board: OpenBoard, store: WorkersStore): Action[] {
  const action = (id: string, label: string, keys: string[], run: (worker: Worker) => unknown): Action => ({
    id: `workers.${id}`,
    label,
    group: 'Workers',
    keys,
    scope: 'board',
    enabled: () => store.current !== undefined,
    run: () => (store.current === undefined ? undefined : run(store.current.worker)),
  })
  return [
    action('next', 'Next worker', ['j', 'arrowdown'], () => store.step(1)),
    action('previous', 'Previous worker', ['k', 'arrowup'], () => store.step(-1)),
    action('open', 'Open its task', ['o'], (worker) => app.router.openTask(worker.task_id, worker.attempt)),
    action('stop', 'Stop the worker', ['s'], (worker) => stopWorker(app, board, worker)),
  ]
}
