import type { WriteTx } from '../db/connection.ts'
import { settleItem } from './advance.ts'
import { promoteChildren } from './dependencies.ts'

/**
 * Call this when a card is done or archived other than by the end of a walk. Tasks that waited only for it become ready; if
 * it is an item, its carrier may continue.
 */
export function settleTask(tx: WriteTx, id: string, status: 'done' | 'archived'): void {
  promoteChildren(tx, id)
  settleItem(tx, id, status === 'done' ? 'succeeded' : 'failed')
}
