import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'

interface Breach {
  id: string
}

/**
 * What must hold on every board between two operations, as statements that look for violations: each returns a few
 * ids. The schema prevents most of them; `doctor` still checks, because another program may have changed the file.
 */
export const RULES = [
  {
    name: 'running tasks have their open run',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT task.id FROM tasks AS task
      LEFT JOIN task_runs AS run ON run.id = task.current_run_id AND run.task_id = task.id AND run.ended_at IS NULL
      WHERE (task.status = 'running') <> (run.id IS NOT NULL) OR (task.current_run_id IS NOT NULL AND run.id IS NULL)
      LIMIT 5`),
  },
  {
    name: 'open runs are pointed at by their task',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT task.id FROM task_runs AS run JOIN tasks AS task ON task.id = run.task_id
      WHERE run.ended_at IS NULL AND task.current_run_id IS NOT run.id LIMIT 5`),
  },
  {
    name: 'a run has ended if and only if it has an outcome',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT task_id AS id FROM task_runs
      WHERE (ended_at IS NULL) <> (outcome IS NULL) OR ended_at < started_at LIMIT 5`),
  },
  {
    name: 'the run of an open question is open',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT run.task_id AS id FROM questions AS question JOIN task_runs AS run ON run.id = question.run_id
      WHERE question.open_run_id IS NOT NULL AND run.ended_at IS NOT NULL LIMIT 5`),
  },
  {
    name: 'attempts are numbered from 1 without gaps',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT task_id AS id FROM task_runs GROUP BY task_id
      HAVING max(attempt) <> count(*) OR min(attempt) <> 1 LIMIT 5`),
  },
  {
    name: 'no task waits in todo without an open parent',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT task.id FROM tasks AS task WHERE task.status = 'todo' AND NOT EXISTS (
        SELECT 1 FROM task_links AS link CROSS JOIN tasks AS parent ON parent.id = link.parent_id
        WHERE link.child_id = task.id AND parent.status NOT IN (${SATISFIED})
      ) LIMIT 5`),
  },
  {
    name: 'no ready task has an open parent',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT DISTINCT task.id FROM tasks AS task
      JOIN task_links AS link ON link.child_id = task.id
      JOIN tasks AS parent ON parent.id = link.parent_id AND parent.status NOT IN (${SATISFIED})
      WHERE task.status = 'ready' LIMIT 5`),
  },
  {
    name: 'a walk through a workflow is open if and only if its task points at it and it has an open visit',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT walk.task_id AS id FROM workflow_runs AS walk
      LEFT JOIN tasks AS task ON task.id = walk.task_id AND task.workflow_run_id = walk.id
      LEFT JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id AND visit.left_at IS NULL
      WHERE (walk.ended_at IS NULL) <> (task.id IS NOT NULL) OR (walk.ended_at IS NULL) <> (visit.id IS NOT NULL)
      UNION ALL
      SELECT task.id FROM tasks AS task LEFT JOIN workflow_runs AS walk
        ON walk.id = task.workflow_run_id AND walk.task_id = task.id
      WHERE task.workflow_run_id IS NOT NULL AND walk.id IS NULL
      LIMIT 5`),
  },
  {
    name: 'an item of an open map is open as long as its card is, unless a person let it go',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT coalesce(item.task_id, walk.task_id) AS id FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      LEFT JOIN tasks AS task ON task.id = item.task_id
      WHERE (visit.left_at IS NOT NULL AND item.state = 'open')
        OR (visit.left_at IS NULL AND item.state <> 'let_go'
          AND (item.state = 'open') <> (task.id IS NOT NULL AND task.status NOT IN (${SATISFIED})))
      LIMIT 5`),
  },
  {
    name: 'a card at a map step waits for each open item, and has one unless it joins their work or a person has to act',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT walk.task_id AS id FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      WHERE item.state = 'open' AND NOT EXISTS (
        SELECT 1 FROM task_links AS link WHERE link.parent_id = item.task_id AND link.child_id = walk.task_id)
      UNION ALL
      SELECT task.id FROM workflow_visits AS visit
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      JOIN workflow_steps AS step ON step.template_id = walk.template_id AND step.key = visit.step_key
      JOIN tasks AS task ON task.id = walk.task_id
      WHERE visit.left_at IS NULL AND step.kind = 'map' AND task.status NOT IN ('blocked', 'archived', 'running')
        AND CASE task.status
          WHEN 'ready' THEN EXISTS (
            SELECT 1 FROM workflow_items AS item WHERE item.visit_id = visit.id AND item.state = 'open')
          WHEN 'todo' THEN NOT EXISTS (
            SELECT 1 FROM workflow_items AS item WHERE item.visit_id = visit.id AND (item.state = 'open'
              OR (item.state = 'succeeded' AND item.has_branch = 1 AND item.joined_at IS NULL)))
          ELSE 1 END
      LIMIT 5`),
  },
  {
    name: 'the visit of a run belongs to its task',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT run.task_id AS id FROM task_runs AS run
      JOIN workflow_visits AS visit ON visit.id = run.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      WHERE walk.task_id <> run.task_id LIMIT 5`),
  },
  {
    name: 'every task is in the search index, and nothing else is',
    breaches: statement<Record<never, never>, Breach>(`
      SELECT id FROM (
        SELECT task.id FROM tasks AS task LEFT JOIN tasks_fts_ids AS number ON number.task_id = task.id
        WHERE number.id IS NULL
        UNION ALL
        SELECT number.task_id FROM tasks_fts_ids AS number LEFT JOIN tasks AS task ON task.id = number.task_id
        WHERE task.id IS NULL
      ) LIMIT 5`),
  },
] as const
