import type { TaskStatus } from '../../contract/index.ts'
import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'
import type { TaskRow } from './tasks.ts'

// CROSS JOIN, because SQLite never reorders it: from the few links of a task to its neighbours, not from the many
// tasks of a status to their links.

interface Link {
  parent_id: string
  child_id: string
}

export const insert = statement<Link>(
  'INSERT INTO task_links (parent_id, child_id) VALUES (:parent_id, :child_id) ON CONFLICT DO NOTHING',
)

export const remove = statement<Link>(
  'DELETE FROM task_links WHERE parent_id = :parent_id AND child_id = :child_id',
)

/** Removes the links from the items of a visit to their carrier, which then no longer waits for them. */
export const removeItems = statement<{ visit_id: number; carrier_id: string }, never>(`
  DELETE FROM task_links WHERE child_id = :carrier_id
    AND parent_id IN (SELECT task_id FROM workflow_items WHERE visit_id = :visit_id AND task_id IS NOT NULL)`)

export const parentsOf = statement<{ id: string }, { id: string; title: string; status: TaskStatus }>(`
  SELECT task.id, task.title, task.status FROM task_links AS link CROSS JOIN tasks AS task ON task.id = link.parent_id
  WHERE link.child_id = :id ORDER BY task.created_at, task.id`)

export const childrenOf = statement<{ id: string }, { id: string; title: string; status: TaskStatus }>(`
  SELECT task.id, task.title, task.status FROM task_links AS link CROSS JOIN tasks AS task ON task.id = link.child_id
  WHERE link.parent_id = :id ORDER BY task.created_at, task.id`)

/** Parents that still hold a task back. */
export const openParentsOf = statement<{ id: string }, { id: string; title: string }>(`
  SELECT task.id, task.title FROM task_links AS link CROSS JOIN tasks AS task ON task.id = link.parent_id
  WHERE link.child_id = :id AND task.status NOT IN (${SATISFIED}) ORDER BY task.created_at, task.id`)

/** Open parents of a task, and parents whose work is not merged, which hold it back on a board with `wait_for_merge`. */
export const unsettledParentsOf = statement<{ id: string }, { id: string; status: TaskStatus }>(`
  SELECT task.id, task.status FROM task_links AS link CROSS JOIN tasks AS task ON task.id = link.parent_id
  WHERE link.child_id = :id AND (task.status NOT IN (${SATISFIED}) OR task.merge_state = 'not_merged')
  ORDER BY task.created_at, task.id`)

/** Children of a task that wait in todo and have no other open parent: its end makes them ready. */
export const promotableChildrenOf = statement<{ id: string }, TaskRow>(`
  SELECT child.* FROM task_links AS link CROSS JOIN tasks AS child ON child.id = link.child_id
  WHERE link.parent_id = :id AND child.status = 'todo' AND NOT EXISTS (
    SELECT 1 FROM task_links AS other CROSS JOIN tasks AS parent ON parent.id = other.parent_id
    WHERE other.child_id = child.id AND parent.status NOT IN (${SATISFIED})
  ) ORDER BY child.created_at, child.id`)

/** Ready children of a task: its reopening sends them back. */
export const readyChildrenOf = statement<{ id: string }, TaskRow>(`
  SELECT child.* FROM task_links AS link CROSS JOIN tasks AS child ON child.id = link.child_id
  WHERE link.parent_id = :id AND child.status = 'ready' ORDER BY child.id`)

/** Whether `descendant` can be reached from `ancestor` along links. */
export const reaches = statement<{ ancestor: string; descendant: string }, { found: 1 }>(`
  WITH RECURSIVE below (id) AS (
    SELECT :ancestor
    UNION
    SELECT link.child_id FROM below CROSS JOIN task_links AS link ON link.parent_id = below.id
  )
  SELECT 1 AS found FROM below WHERE id = :descendant LIMIT 1`)

/** Both ends of every link that touches a task: the cards that change with it. */
export const neighboursOf = statement<{ ids: string }, { id: string }>(`
  SELECT child_id AS id FROM task_links WHERE parent_id IN (SELECT value FROM json_each(:ids))
  UNION
  SELECT parent_id FROM task_links WHERE child_id IN (SELECT value FROM json_each(:ids))`)

/** Ready tasks with a parent that is done, but whose work is not merged. */
export const readyWithUnmergedParents = statement<
  Record<never, never>,
  { child_id: string; id: string; title: string }
>(`
  SELECT link.child_id, parent.id, parent.title
  FROM tasks AS parent INDEXED BY tasks_not_merged
  CROSS JOIN task_links AS link ON link.parent_id = parent.id
  CROSS JOIN tasks AS child ON child.id = link.child_id
  WHERE parent.merge_state = 'not_merged' AND parent.status IN (${SATISFIED}) AND child.status = 'ready'
  ORDER BY parent.updated_at DESC`)
