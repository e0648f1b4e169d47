import type { TaskStatus } from '../../../contract/states.ts'

/** Initial values of the form for a new task. */
export interface CreateRequest {
  status: TaskStatus
  title?: string
  assignee?: string
  /** Pasted lines: one task per line. */
  lines?: readonly string[]
  /** The form whose draft the dialog continues; by default its own. */
  place?: string
}

/** The form for a new task on the open board; every view can open it. */
class Creation {
  request = $state.raw<CreateRequest | null>(null)

  start(request: CreateRequest): void {
    this.request = request
  }

  close(): void {
    this.request = null
  }
}

export const creation = new Creation()
