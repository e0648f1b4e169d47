import { thousands } from '../../../formats/count.ts'
import { inboxGroups, type ListedInbox } from '../../../formats/inbox-groups.ts'
import type { Diagnostic, InboxItem, Severity } from '../../../contract/index.ts'
import { section } from './fields.ts'
import type { Paint } from './paint.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { oneLine } from './text.ts'
import { relative } from './time.ts'

function itemLines(items: readonly InboxItem[], total: number, { paint, width, now }: Printer): string {
  const rows = table(
    items,
    [
      { header: '', text: (item) => (item.unseen ? '*' : ' '), paint: paint.green },
      { header: 'TASK', text: (item) => item.task.id },
      { header: 'TITLE', text: (item) => item.task.title, least: 12 },
      { header: 'WHEN', text: (item) => relative(item.at, now), right: true },
      { header: 'WHAT', text: (item) => item.sentence, least: 20 },
      { header: 'DO', text: (item) => item.action ?? '', paint: paint.dim, least: 12, drop: 1 },
    ],
    width,
    paint.dim,
  )
  return total > items.length ? `${rows}and ${String(total - items.length)} more\n` : rows
}

/** Questions first, then reviews, failures and finished work. */
export function printInbox(inbox: ListedInbox, printer: Printer): string {
  const groups = inboxGroups(inbox)
  if (groups.length === 0) return 'Nothing new, and nothing needs you.\n'
  return groups
    .map(({ name, items, count }) => section(name, itemLines(items, count, printer), printer))
    .join('')
    .replace(/^\n/, '')
}

function paintSeverity(paint: Paint, severity: Severity): string {
  if (severity === 'info') return paint.dim(severity)
  return severity === 'warning' ? paint.yellow(severity) : paint.red(severity)
}

/** The most severe first, each with its remedies below it. */
export function printDiagnostics({ diagnostics }: { diagnostics: Diagnostic[] }, { paint }: Printer): string {
  if (diagnostics.length === 0) return 'Nothing is wrong.\n'
  return diagnostics
    .map(({ kind, severity, task_ids, title, sentence, action }) => {
      const others = task_ids.length > 1 ? ` and ${thousands(task_ids.length - 1)} more` : ''
      const about = task_ids.length === 0 ? '' : `  ${task_ids[0] ?? ''} ${oneLine(title ?? '')}${others}`
      const help = action === null ? '' : `  ${paint.dim(`runboard ${oneLine(action)}`)}\n`
      return `${paintSeverity(paint, severity)} ${kind}${about}\n  ${oneLine(sentence)}\n${help}`
    })
    .join('')
}
