import { statement } from '../db/statement.ts'

export interface CommentRow {
  id: number
  task_id: string
  run_id: number | null
  author: string
  body: string
  created_at: number
}

const columns = 'id, task_id, run_id, author, body, created_at'

export const insert = statement<Omit<CommentRow, 'id'>, CommentRow>(`
  INSERT INTO task_comments (task_id, run_id, author, body, created_at)
  VALUES (:task_id, :run_id, :author, :body, :created_at) RETURNING ${columns}`)

export const newestOf = statement<{ task_id: string; before: number }, CommentRow>(
  `SELECT ${columns} FROM task_comments WHERE task_id = :task_id AND id < :before ORDER BY id DESC`,
)

export const countOf = statement<{ task_id: string; before: number }, { count: number }>(
  'SELECT count(*) AS count FROM task_comments WHERE task_id = :task_id AND id < :before',
)

export const ofTask = statement<{ task_id: string }, CommentRow>(
  `SELECT ${columns} FROM task_comments WHERE task_id = :task_id ORDER BY id`,
)
