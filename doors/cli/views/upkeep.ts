import { count } from '../../../formats/count.ts'
import { fields, section } from './fields.ts'
import type { Printer } from './printer.ts'
import { indent, oneLine } from './text.ts'
import { bytes } from './time.ts'

interface Check {
  name: string
  board: string | null
  ok: boolean
  sentence: string
}

/** One line per check, failures in red; the checks of one board together. */
export function printDoctor({ ok, checks }: { ok: boolean; checks: Check[] }, printer: Printer): string {
  const { paint } = printer
  const boards = [...new Set(checks.map(({ board }) => board))]
  const parts = boards.map((board) => {
    const lines = checks
      .filter((check) => check.board === board)
      .map((check) => {
        const mark = check.ok ? paint.green('ok   ') : paint.red('wrong')
        return `  ${mark}  ${oneLine(check.name)}: ${oneLine(check.sentence)}\n`
      })
    return `${paint.bold(board === null ? 'Home' : `Board ${oneLine(board)}`)}\n${lines.join('')}`
  })
  const wrong = checks.filter((check) => !check.ok).length
  const verdict = ok ? paint.green('All is well.') : paint.red(`${count(wrong, 'thing')} to look at.`)
  return `${parts.join('\n')}\n${verdict}\n`
}

interface GcReport {
  dry_run: boolean
  events_removed: number
  logs: { task_id: string; path: string; size_bytes: number }[]
  workspaces: { task_id: string; path: string; moved_to: string | null; kept: string | null }[]
  leftovers: string[]
  trash: { path: string; age_days: number }[]
}

/** What was removed, what stays and why, and what the user could delete. */
export function printGc(report: GcReport, printer: Printer): string {
  const freed = report.logs.reduce((sum, log) => sum + log.size_bytes, 0)
  const gone = report.workspaces.filter(({ kept }) => kept === null)
  const kept = report.workspaces.filter((workspace) => workspace.kept !== null)
  const verb = report.dry_run ? 'would go' : 'gone'
  const about = fields(
    [
      [`events ${verb}`, String(report.events_removed)],
      [`logs ${verb}`, `${String(report.logs.length)} (${bytes(freed)})`],
      [`folders ${verb}`, String(gone.length)],
    ],
    printer,
    0,
  )
  const list = (lines: readonly string[]) => indent(lines.map(oneLine).join('\n'), 2)
  return [
    about,
    section(
      'To the trash',
      list(gone.map(({ path, moved_to }) => `${path}${moved_to === null ? '' : ` → ${moved_to}`}`)),
      printer,
    ),
    section('Kept', list(kept.map(({ path, kept: why }) => `${path}: ${why ?? ''}`)), printer),
    section('Left over', list(report.leftovers), printer),
    section(
      'Old items in the trash; delete them when you like',
      list(report.trash.map(({ path, age_days }) => `${path} (${count(age_days, 'day')})`)),
      printer,
    ),
  ].join('')
}
