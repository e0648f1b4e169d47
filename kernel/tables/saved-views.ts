import { statement } from '../db/statement.ts'

export interface SavedViewRow {
  name: string
  /** JSON object of texts. */
  query: string
  created_at: number
}

export const all = statement<Record<never, never>, SavedViewRow>(
  'SELECT name, query, created_at FROM saved_views ORDER BY name COLLATE NOCASE, name',
)

/** A view of the same name keeps the time it was first saved at. */
export const save = statement<SavedViewRow, SavedViewRow>(`
  INSERT INTO saved_views (name, query, created_at) VALUES (:name, :query, :created_at)
  ON CONFLICT (name) DO UPDATE SET query = excluded.query
  RETURNING name, query, created_at`)

export const remove = statement<{ name: string }>('DELETE FROM saved_views WHERE name = :name')
