import type { TaskStatus } from '../../contract/index.ts'
import type { ItemState } from '../../contract/workflow-kinds.ts'
import { statement } from '../db/statement.ts'
import type { TaskRow } from './tasks.ts'

/** An item of a map step. */
export interface ItemRow {
  visit_id: number
  item_key: string
  position: number
  /** Its card; null once the card was deleted. */
  task_id: string | null
  /** JSON. */
  input: string
  state: ItemState
  /** Whether it began on a branch of its own, from the work of its carrier. */
  has_branch: 0 | 1
  joined_at: number | null
  /** The merge commit with which its work was joined; null when there was nothing to join. */
  joined_commit: string | null
  /** How often joining has sent it back since a person last acted. */
  sent_back: number
  /** JSON: why joining sent it back. See `PutRight`. */
  put_right: string | null
}

export const insert = statement<
  Pick<ItemRow, 'visit_id' | 'item_key' | 'position' | 'task_id' | 'input' | 'has_branch'>,
  never
>(`
  INSERT INTO workflow_items (visit_id, item_key, position, task_id, input, has_branch)
  VALUES (:visit_id, :item_key, :position, :task_id, :input, :has_branch)`)

export const ofVisit = statement<
  { visit_id: number },
  ItemRow & {
    title: string | null
    status: TaskStatus | null
    result: string | null
    work_head: string | null
  }
>(`
  SELECT item.*, task.title, task.status, task.result,
    CASE item.has_branch WHEN 1 THEN (
      SELECT last.head_out FROM workflow_runs AS walk CROSS JOIN workflow_visits AS last ON last.workflow_run_id = walk.id
      WHERE walk.task_id = item.task_id AND last.head_out IS NOT NULL ORDER BY last.id DESC LIMIT 1
    ) END AS work_head
  FROM workflow_items AS item LEFT JOIN tasks AS task ON task.id = item.task_id
  WHERE item.visit_id = :visit_id ORDER BY item.position`)

export const statesOf = statement<{ visit_id: number }, { state: ItemState; count: number }>(
  'SELECT state, count(*) AS count FROM workflow_items WHERE visit_id = :visit_id GROUP BY state',
)

/** The item that a card belongs to, and the carrier. */
export const ofTask = statement<
  { task_id: string },
  ItemRow & { carrier_id: string; step_key: string; left_at: number | null }
>(`
  SELECT item.*, walk.task_id AS carrier_id, visit.step_key, visit.left_at FROM workflow_items AS item
  JOIN workflow_visits AS visit ON visit.id = item.visit_id
  JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
  WHERE item.task_id = :task_id`)

/** Items with a branch whose carrier is ready to join them, each with the task that owns the carrier's workspace. */
export const ofJoiningCarriers = statement<{ profile: string }, { item_id: string; owner: string }>(`
  SELECT item.task_id AS item_id, coalesce(carrier.workspace_of, carrier.id) AS owner
  FROM tasks AS carrier INDEXED BY tasks_claimable
  CROSS JOIN workflow_runs AS walk ON walk.task_id = carrier.id
  CROSS JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id
  CROSS JOIN workflow_items AS item ON item.visit_id = visit.id AND item.has_branch = 1 AND item.task_id IS NOT NULL
  WHERE carrier.status = 'ready' AND carrier.held = 0 AND carrier.assignee = :profile`)

/** The cards of the open items of the map step that a card is at, even if that card is archived. */
export const openCardsOf = statement<{ carrier_id: string }, TaskRow>(`
  SELECT task.* FROM tasks AS carrier
  CROSS JOIN workflow_visits AS visit ON visit.workflow_run_id = carrier.workflow_run_id AND visit.left_at IS NULL
  CROSS JOIN workflow_items AS item ON item.visit_id = visit.id AND item.state = 'open'
  CROSS JOIN tasks AS task ON task.id = item.task_id
  WHERE carrier.id = :carrier_id ORDER BY item.position`)

/** Changes no row unless the item is in the state `from`. */
export const setState = statement<
  { visit_id: number; item_key: string; from: ItemState; to: ItemState },
  never
>(`
  UPDATE workflow_items SET state = :to
  WHERE visit_id = :visit_id AND item_key = :item_key AND state = :from`)

/** Opens an item whose card is open again, so its work has to be joined again. Changes only items that succeeded or failed. */
export const reopen = statement<{ visit_id: number; item_key: string }, never>(`
  UPDATE workflow_items SET state = 'open', joined_at = NULL, joined_commit = NULL
  WHERE visit_id = :visit_id AND item_key = :item_key AND state IN ('succeeded', 'failed')`)

/** Returns no row unless the item has succeeded and its work waits to be joined; with `again`, also if it is joined. */
export const setJoined = statement<
  { visit_id: number; item_key: string; joined_commit: string | null; now: number; again: 0 | 1 },
  never
>(`
  UPDATE workflow_items SET joined_at = :now, joined_commit = :joined_commit, put_right = NULL
  WHERE visit_id = :visit_id AND item_key = :item_key AND state = 'succeeded' AND (joined_at IS NULL OR :again = 1)`)

/** Returns no row unless the item has succeeded and its work waits to be joined. */
export const sendBack = statement<{ visit_id: number; item_key: string; put_right: string }, never>(`
  UPDATE workflow_items SET state = 'open', sent_back = sent_back + 1, put_right = :put_right
  WHERE visit_id = :visit_id AND item_key = :item_key AND state = 'succeeded' AND joined_at IS NULL`)

/** Returns no row unless the item has succeeded and its work waits to be joined. */
export const letGoUnjoined = statement<{ visit_id: number; item_key: string }, never>(`
  UPDATE workflow_items SET state = 'let_go'
  WHERE visit_id = :visit_id AND item_key = :item_key AND state = 'succeeded' AND has_branch = 1 AND joined_at IS NULL`)

/** For when a person has acted: joining may send the items of this visit back again. */
export const allowSendingBack = statement<{ visit_id: number }, never>(
  'UPDATE workflow_items SET sent_back = 0 WHERE visit_id = :visit_id AND sent_back > 0',
)

/** The items of a visit whose work is not joined yet, in the order of the list. */
export const toJoin = statement<{ visit_id: number }, ItemRow>(`
  SELECT * FROM workflow_items
  WHERE visit_id = :visit_id AND has_branch = 1 AND state = 'succeeded' AND joined_at IS NULL AND task_id IS NOT NULL
  ORDER BY position`)

/** Visits with open items, with the number of items, of open ones, and of those that run. */
export const openMaps = statement<
  Record<never, never>,
  {
    visit_id: number
    carrier_id: string
    step_key: string
    template_id: number
    open: number
    items: number
    running: number
  }
>(`
  SELECT visit.id AS visit_id, walk.task_id AS carrier_id, visit.step_key, walk.template_id, part.open, part.running,
    (SELECT count(*) FROM workflow_items AS item WHERE item.visit_id = visit.id) AS items
  FROM (
    SELECT item.visit_id, count(*) AS open, count(task.current_run_id) AS running
    FROM workflow_items AS item INDEXED BY workflow_items_open CROSS JOIN tasks AS task ON task.id = item.task_id
    WHERE item.state = 'open' GROUP BY item.visit_id
  ) AS part
  CROSS JOIN workflow_visits AS visit ON visit.id = part.visit_id
  CROSS JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id`)

export const openIdsOf = statement<{ visit_id: number }, { task_id: string }>(
  `SELECT task_id FROM workflow_items WHERE visit_id = :visit_id AND state = 'open'`,
)

/** How many open items of a visit run. */
export const runningOf = statement<{ visit_id: number }, { count: number }>(`
  SELECT count(task.current_run_id) AS count FROM workflow_items AS item
  CROSS JOIN tasks AS task ON task.id = item.task_id WHERE item.visit_id = :visit_id AND item.state = 'open'`)

/** The last visit of a card that had items. */
export const lastVisitOf = statement<{ task_id: string }, { visit_id: number | null }>(`
  SELECT max(visit.id) AS visit_id FROM workflow_runs AS walk
  CROSS JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id
  WHERE walk.task_id = :task_id AND EXISTS (SELECT 1 FROM workflow_items AS item WHERE item.visit_id = visit.id)`)
