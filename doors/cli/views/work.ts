import { count } from '../../../formats/count.ts'
import type { ConflictsAnswer, Diff, Remark, Task } from '../../../contract/index.ts'
import { fields, section } from './fields.ts'
import type { Printer } from './printer.ts'
import { indent, visible } from './text.ts'
import { relative } from './time.ts'

type File = Diff['files'][number]

const ENTRIES = { submodule: 'a submodule', repository: 'a repository, not a submodule' } as const

const SIGNS = { context: ' ', added: '+', removed: '-' } as const

/** @returns what the work changes: where it is, its commits, its files with their hunks */
export function printDiff(diff: Diff, printer: Printer): string {
  const { paint, now } = printer
  const about = fields(
    [
      ['branch', visible(diff.branch ?? 'none')],
      ['into', diff.into === null ? null : visible(diff.into)],
      ['worktree', diff.worktree],
      ['merge', mergeLine(diff)],
      ['uncommitted', diff.uncommitted === 0 ? null : count(diff.uncommitted, 'file')],
    ],
    printer,
  )
  const commits = diff.commits
    .map((one) => `  ${paint.yellow(one.id.slice(0, 9))} ${visible(one.subject)}  ${relative(one.at, now)}\n`)
    .join('')
  const left = diff.files_count - diff.files.length
  const more = left > 0 ? paint.dim(`… and ${count(left, 'more file')}\n`) : ''
  return [
    `${paint.bold(`${count(diff.files_count, 'file')}, ${count(diff.commits_count, 'commit')}`)}\n${about}`,
    section('Commits', commits, printer),
    ...diff.files.map((file) => fileText(file, printer)),
    more,
  ].join('')
}

function mergeLine({ merge_state, merge_refusal, merged }: Diff): string {
  if (merge_state === 'merged' && merged !== null) {
    const as = merged.commit === null ? '' : ` as ${merged.commit.slice(0, 9)}`
    const into = merged.into === null ? '' : ` into ${visible(merged.into)}`
    return `merged${as}${into}${merged.by === null ? '' : ` by ${visible(merged.by)}`}`
  }
  return merge_refusal === null ? 'possible' : visible(merge_refusal)
}

function fileText(file: File, { paint }: Printer): string {
  const name = file.old_path === null ? file.path : `${file.old_path} → ${file.path}`
  const numbers = file.binary ? 'not text' : `+${String(file.additions ?? 0)} −${String(file.deletions ?? 0)}`
  const head = `\n${paint.bold(visible(name))}  ${file.change}, ${numbers}${file.entry === 'file' ? '' : `, ${ENTRIES[file.entry]}`}${file.uncommitted ? ', not committed' : ''}\n`
  const hunks = file.hunks.map(({ old_start, new_start, heading, lines }) => {
    const before = `${String(old_start)},${String(lines.filter(({ kind }) => kind !== 'added').length)}`
    const after = `${String(new_start)},${String(lines.filter(({ kind }) => kind !== 'removed').length)}`
    const place = paint.cyan(`@@ −${before} +${after} @@ ${visible(heading)}`)
    const body = lines.map(({ kind, text }) => {
      const line = `${SIGNS[kind]}${visible(text)}`
      return kind === 'added' ? paint.green(line) : kind === 'removed' ? paint.red(line) : line
    })
    return indent([place, ...body].join('\n'), 2)
  })
  const cut = file.cut ? paint.dim('  … there is more of it\n') : ''
  return `${head}${hunks.map((hunk) => (hunk.endsWith('\n') ? hunk : `${hunk}\n`)).join('')}${cut}`
}

export function printMerged({ task, into, commit }: { task: Task; into: string; commit: string }): string {
  return `${task.id} is merged into ${visible(into)} as ${commit.slice(0, 9)}; it is ${task.status}\n`
}

export function printDiscarded({
  task,
  moved_to,
  branch,
}: {
  task: Task
  moved_to: string
  branch: string
}): string {
  return `The worktree of ${task.id} is in ${moved_to}; branch ${visible(branch)} keeps its commits\n`
}

export function printReverted({ task, into, commit }: { task: Task; into: string; commit: string }): string {
  return `The merge of ${task.id} is reverted in ${visible(into)} by ${commit.slice(0, 9)}; the task counts as not merged\n`
}

export function printCleaned({
  task,
  moved_to,
  branch,
}: {
  task: Task
  moved_to: string | null
  branch: string | null
}): string {
  const folder = moved_to === null ? 'is gone' : `is in ${moved_to}`
  const deleted = branch === null ? 'its branch was already deleted' : `branch ${visible(branch)} is deleted`
  return `The worktree of ${task.id} ${folder}; ${deleted}\n`
}

export function printRemarks({ remarks }: { remarks: Remark[] }, printer: Printer): string {
  if (remarks.length === 0) return 'No remarks on lines.\n'
  const { paint, now } = printer
  return remarks
    .map(({ path, line, removed, attempt, answered_attempt, at, by, text: said }) => {
      const place = `${visible(path)}:${String(line)}${removed ? ' (removed)' : ''}`
      const answered = answered_attempt === null ? 'open' : `answered in attempt ${String(answered_attempt)}`
      const head = `${paint.bold(place)}  ${paint.dim(`${visible(by)}, attempt ${String(attempt)}, ${relative(at, now)}; ${answered}`)}`
      return `${head}\n${indent(visible(said), 2)}\n`
    })
    .join('')
}

export function printConflicts({ problem, conflicts, branches }: ConflictsAnswer): string {
  if (problem !== null) return `${visible(problem)}\n`
  if (conflicts.length === 0) return `${count(branches, 'open branch', 'open branches')}, no conflicts.\n`
  return conflicts
    .map(({ task_id, other_id, branch, files, files_count }) => {
      const other = other_id === null ? visible(branch) : `${other_id} (${visible(branch)})`
      const more = files_count > files.length ? ` and ${String(files_count - files.length)} more` : ''
      return `${task_id} conflicts with ${other}: ${files.map((file) => visible(file)).join(', ')}${more}\n`
    })
    .join('')
}
