import { OperationError, type SavedView } from '../../contract/index.ts'
import * as savedViews from '../tables/saved-views.ts'
import type { SavedViewRow } from '../tables/saved-views.ts'
import type { BoardHandlers } from './handler.ts'

/** More than a person can tell apart by name. */
const MOST_VIEWS = 200

export const viewHandlers = {
  'view.list': ({ read }) => ({ views: read.all(savedViews.all, {}).map(presentView) }),

  'view.save': async ({ write }, { name, query }) => {
    const row = await write((tx) => {
      const others = tx.all(savedViews.all, {}).filter((view) => view.name !== name)
      if (others.length >= MOST_VIEWS) {
        throw new OperationError('CONFLICT', `There are ${MOST_VIEWS} saved views already; delete one first.`)
      }
      return tx.returning(savedViews.save, { name, query: JSON.stringify(query), created_at: tx.now })
    })
    if (row === undefined) throw new Error('a view was not saved')
    return { view: presentView(row) }
  },

  'view.delete': async ({ write }, { name }) => {
    const count = await write((tx) => tx.run(savedViews.remove, { name }))
    if (count === 0) throw new OperationError('NOT_FOUND', `Saved view “${name}” not found.`, { name })
    return { deleted: name }
  },
} satisfies Partial<BoardHandlers>

function presentView(row: SavedViewRow): SavedView {
  return { ...row, query: JSON.parse(row.query) as Record<string, string> }
}
