import type { TemplateSource } from '../../contract/workflow-kinds.ts'
import { statement } from '../db/statement.ts'

/** One version of a template. A row never changes. */
export interface TemplateRow {
  id: number
  name: string
  version: number
  digest: string
  title: string
  source: TemplateSource
  source_path: string | null
  /** JSON of the definition, in normal form. */
  definition: string
  created_at: number
}

export const byId = statement<{ id: number }, TemplateRow>('SELECT * FROM workflow_templates WHERE id = :id')

export const byDigest = statement<{ digest: string }, TemplateRow>(
  'SELECT * FROM workflow_templates WHERE digest = :digest',
)

export const byVersion = statement<{ name: string; version: number }, TemplateRow>(
  'SELECT * FROM workflow_templates WHERE name = :name AND version = :version',
)

export const versionsOf = statement<{ name: string }, TemplateRow>(
  'SELECT * FROM workflow_templates WHERE name = :name ORDER BY version',
)

/** Inserts the next version of a name. */
export const insert = statement<Omit<TemplateRow, 'id' | 'version'>, TemplateRow>(`
  INSERT INTO workflow_templates (name, version, digest, title, source, source_path, definition, created_at)
  VALUES (
    :name, (SELECT coalesce(max(version), 0) + 1 FROM workflow_templates WHERE name = :name), :digest, :title, :source,
    :source_path, :definition, :created_at
  ) RETURNING *`)

/** @param steps JSON: a list of [key, kind, stage, role], in order */
export const insertSteps = statement<{ template_id: number; steps: string }, never>(`
  INSERT INTO workflow_steps (template_id, key, position, kind, stage, role)
  SELECT :template_id, value ->> 0, key, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:steps)`)

/** @param edges JSON: a list of [from, verdict, to, max_rounds] */
export const insertEdges = statement<{ template_id: number; edges: string }, never>(`
  INSERT INTO workflow_edges (template_id, from_key, verdict, to_key, max_rounds)
  SELECT :template_id, value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(:edges)`)

export const isTrusted = statement<{ digest: string }, { digest: string }>(
  'SELECT digest FROM workflow_trust WHERE digest = :digest',
)

export const trust = statement<
  { digest: string; name: string; trusted_by: string; trusted_at: number },
  never
>(`
  INSERT INTO workflow_trust (digest, name, trusted_by, trusted_at) VALUES (:digest, :name, :trusted_by, :trusted_at)
  ON CONFLICT (digest) DO NOTHING`)
