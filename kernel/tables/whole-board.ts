import { statement } from '../db/statement.ts'
import { SATISFIED } from './names.ts'
import { MESSAGE_COLUMNS, type MessageRow } from './messages.ts'
import { QUESTION_COLUMNS, type QuestionRow } from './questions.ts'
import type { AttachmentRow } from './task-attachments.ts'
import type { CommentRow } from './task-comments.ts'
import type { EventRow } from './task-events.ts'
import { RUN_COLUMNS, type RunRow } from './task-runs.ts'
import type { TaskRow } from './tasks.ts'
import type { ItemRow } from './workflow-items.ts'
import { type VisitRow, WALK_COLUMNS, type WorkflowRunRow } from './workflow-runs.ts'
import type { TemplateRow } from './workflow-templates.ts'

/** Every row of a board, for export and import. */

type Everything = Record<never, never>

/** @returns the parameters for a list of columns */
const named = (columns: string) =>
  columns
    .split(', ')
    .map((column) => `:${column}`)
    .join(', ')

export const tasks = statement<Everything, TaskRow>('SELECT * FROM tasks ORDER BY rowid')

export const links = statement<Everything, { parent_id: string; child_id: string }>(
  'SELECT parent_id, child_id FROM task_links ORDER BY parent_id, child_id',
)

const RUN = RUN_COLUMNS.join(', ')

export const runs = statement<Everything, RunRow>(`SELECT ${RUN} FROM task_runs ORDER BY id`)

export const comments = statement<Everything, CommentRow>(
  'SELECT id, task_id, run_id, author, body, created_at FROM task_comments ORDER BY id',
)

export const events = statement<Everything, EventRow>(
  'SELECT id, task_id, run_id, kind, payload, actor, created_at FROM task_events ORDER BY id',
)

export const attachments = statement<Everything, AttachmentRow>(`
  SELECT id, task_id, run_id, name, media_type, size_bytes, sha256, added_by, created_at, removed_at
  FROM task_attachments WHERE removed_at IS NULL ORDER BY id`)

/** Whether the board has, or ever had, any content. */
export const isUsed = statement<Everything, { used: 0 | 1 }>(
  `SELECT EXISTS (SELECT 1 FROM tasks) OR EXISTS (SELECT 1 FROM task_events) AS used`,
)

export const counts = statement<
  Everything,
  { tasks: number; links: number; runs: number; comments: number; events: number }
>(`
  SELECT (SELECT count(*) FROM tasks) AS tasks, (SELECT count(*) FROM task_links) AS links,
    (SELECT count(*) FROM task_runs) AS runs, (SELECT count(*) FROM task_comments) AS comments,
    (SELECT count(*) FROM task_events) AS events`)

/** The profiles of tasks that are not finished. */
export const openAssignees = statement<Everything, { assignee: string; count: number }>(`
  SELECT assignee, count(*) AS count FROM tasks
  WHERE assignee IS NOT NULL AND status NOT IN (${SATISFIED}) GROUP BY assignee ORDER BY assignee`)

/** Commands and folders of tasks that are not finished. */
export const openCommands = statement<
  Everything,
  Pick<TaskRow, 'id' | 'verify_command' | 'workspace_kind' | 'workspace_path' | 'project_dir'>
>(`
  SELECT id, verify_command, workspace_kind, workspace_path, project_dir FROM tasks
  WHERE (verify_command IS NOT NULL OR workspace_path IS NOT NULL OR project_dir IS NOT NULL)
    AND status NOT IN (${SATISFIED}) ORDER BY rowid`)

/** Tasks that are not finished and are to work in a worktree of the board’s project. */
export const openWorktrees = statement<Everything, { count: number }>(`
  SELECT count(*) AS count FROM tasks
  WHERE workspace_kind = 'worktree' AND project_dir IS NULL AND status NOT IN ('done', 'archived')`)

/** For one transaction: rows may refer to rows that come later in it. */
export const deferReferences = statement<Everything>('PRAGMA defer_foreign_keys = ON')

export const insertRun = statement<RunRow>(`
  INSERT INTO task_runs (${RUN}) VALUES (${named(RUN)})`)

export const insertComment = statement<CommentRow>(`
  INSERT INTO task_comments (id, task_id, run_id, author, body, created_at)
  VALUES (:id, :task_id, :run_id, :author, :body, :created_at)`)

export const insertAttachment = statement<Omit<AttachmentRow, 'removed_at'>>(`
  INSERT INTO task_attachments (id, task_id, run_id, name, media_type, size_bytes, sha256, added_by, created_at)
  VALUES (:id, :task_id, :run_id, :name, :media_type, :size_bytes, :sha256, :added_by, :created_at)`)

export const insertEvent = statement<EventRow>(`
  INSERT INTO task_events (id, task_id, run_id, kind, payload, actor, created_at)
  VALUES (:id, :task_id, :run_id, :kind, :payload, :actor, :created_at)`)

export const forgetCursor = statement<Everything>(`DELETE FROM sqlite_sequence WHERE name = 'task_events'`)

export const setCursor = statement<{ cursor: number }>(
  `INSERT INTO sqlite_sequence (name, seq) VALUES ('task_events', :cursor)`,
)

export const templates = statement<Everything, TemplateRow>('SELECT * FROM workflow_templates ORDER BY id')

export const walks = statement<Everything, WorkflowRunRow>(
  `SELECT ${WALK_COLUMNS} FROM workflow_runs ORDER BY id`,
)

export const visits = statement<Everything, VisitRow>('SELECT * FROM workflow_visits ORDER BY id')

const TEMPLATE = 'id, name, version, digest, title, source, source_path, definition, created_at'

export const insertTemplate = statement<TemplateRow>(
  `INSERT INTO workflow_templates (${TEMPLATE}) VALUES (${named(TEMPLATE)})`,
)

export const insertWalk = statement<WorkflowRunRow>(
  `INSERT INTO workflow_runs (${WALK_COLUMNS}) VALUES (${named(WALK_COLUMNS)})`,
)

const VISIT =
  'id, workflow_run_id, step_key, visit, entered_at, entered_by, entered_from, entered_via, left_at, verdict, summary, outputs, head_in, head_out, valid, held_verdict, let_on, copied_from'

export const insertVisit = statement<VisitRow>(
  `INSERT INTO workflow_visits (${VISIT}) VALUES (${named(VISIT)})`,
)

const ITEM =
  'visit_id, item_key, position, task_id, input, state, has_branch, joined_at, joined_commit, sent_back, put_right'

export const items = statement<Everything, ItemRow>(
  `SELECT ${ITEM} FROM workflow_items ORDER BY visit_id, position`,
)

export const insertItem = statement<ItemRow>(`INSERT INTO workflow_items (${ITEM}) VALUES (${named(ITEM)})`)

const MESSAGE = MESSAGE_COLUMNS.join(', ')

export const messages = statement<Everything, MessageRow>(
  `SELECT ${MESSAGE}, 0 AS is_open FROM messages ORDER BY id`,
)

export const insertMessage = statement<Omit<MessageRow, 'is_open'>>(
  `INSERT INTO messages (${MESSAGE}) VALUES (${named(MESSAGE)})`,
)

const QUESTION = QUESTION_COLUMNS.join(', ')

export const questions = statement<Everything, QuestionRow>(
  `SELECT ${QUESTION}, '' AS task_id, 0 AS attempt FROM questions ORDER BY id`,
)

export const insertQuestion = statement<Omit<QuestionRow, 'task_id' | 'attempt'>>(
  `INSERT INTO questions (${QUESTION}) VALUES (${named(QUESTION)})`,
)

/** Versions of workflows on which a card has an open walk, and those for the items of such a walk. */
export const openTemplates = statement<Everything, TemplateRow>(`
  SELECT template.* FROM workflow_templates AS template
  WHERE EXISTS (SELECT 1 FROM workflow_runs AS walk WHERE walk.template_id = template.id AND walk.ended_at IS NULL)
    OR template.digest IN (
      SELECT part.value ->> 'digest' FROM workflow_runs AS walk, json_each(walk.parts) AS part WHERE walk.ended_at IS NULL
    )
  ORDER BY template.id`)
