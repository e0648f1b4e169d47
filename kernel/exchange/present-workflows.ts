import type { ExportedItem, ExportedTemplate, ExportedVisit, ExportedWalk } from '../../contract/index.ts'
import type { ItemRow } from '../tables/workflow-items.ts'
import type { VisitRow, WorkflowRunRow } from '../tables/workflow-runs.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'

/** Rows of workflows in the form of an exported file, and back. */

const from = <T>(text: string): T => JSON.parse(text) as T

export function exportTemplate(row: TemplateRow): ExportedTemplate {
  return { ...row, definition: from(row.definition) }
}

export function importTemplate(template: ExportedTemplate): TemplateRow {
  return { ...template, definition: JSON.stringify(template.definition) }
}

export function exportWalk(row: WorkflowRunRow): ExportedWalk {
  return { ...row, inputs: from(row.inputs), roles: from(row.roles), parts: from(row.parts) }
}

export function importWalk(walk: ExportedWalk): WorkflowRunRow {
  const { inputs, parts, roles } = walk
  return {
    ...walk,
    inputs: JSON.stringify(inputs),
    roles: JSON.stringify(roles),
    parts: JSON.stringify(parts),
  }
}

export function exportVisit(row: VisitRow): ExportedVisit {
  return {
    ...row,
    valid: row.valid === 1,
    let_on: row.let_on === 1,
    outputs: row.outputs === null ? null : from(row.outputs),
  }
}

export function importVisit(visit: ExportedVisit): VisitRow {
  const { let_on, outputs, valid } = visit
  return {
    ...visit,
    valid: valid ? 1 : 0,
    let_on: let_on ? 1 : 0,
    outputs: outputs === null ? null : JSON.stringify(outputs),
  }
}

export function exportItem(row: ItemRow): ExportedItem {
  const { has_branch, input, put_right } = row
  return {
    ...row,
    input: from(input),
    has_branch: has_branch === 1,
    put_right: put_right === null ? null : from(put_right),
  }
}

export function importItem(item: ExportedItem): ItemRow {
  const { has_branch, input, put_right } = item
  return {
    ...item,
    input: JSON.stringify(input),
    has_branch: has_branch ? 1 : 0,
    put_right: put_right === null ? null : JSON.stringify(put_right),
  }
}
