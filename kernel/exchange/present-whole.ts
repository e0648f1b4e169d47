import type {
  ExportedAttachment,
  ExportedMessage,
  ExportedQuestion,
  ExportedRun,
  ExportedTask,
} from '../../contract/index.ts'
import { readAttachment } from '../board/attachment-files.ts'
import { presentRun, presentTask } from '../board/present.ts'
import { presentQuestion } from '../board/present-question.ts'
import type { MessageRow } from '../tables/messages.ts'
import type { QuestionRow } from '../tables/questions.ts'
import type { AttachmentRow } from '../tables/task-attachments.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** Rows in the form of an exported file, and back. */

export function exportTask(row: TaskRow): ExportedTask {
  return { ...presentTask(row), archived_from: row.archived_from }
}

/** With the bytes of its file, if it still is the file that was attached. */
export function exportAttachment(
  { removed_at: _kept, ...row }: AttachmentRow,
  folder: string,
): ExportedAttachment {
  try {
    return { ...row, content: readAttachment({ folder }, row).toString('base64') }
  } catch {
    // Missing or changed: the import says which file the board had.
    return { ...row, content: null }
  }
}

export function importTask({ archived_from, ...task }: ExportedTask): TaskRow {
  return tasks.toTaskRow(task, archived_from)
}

export function exportRun(row: RunRow): ExportedRun {
  const {
    elapsed_ms: _elapsed,
    headline: _headline,
    host: _machine,
    log_path: _file,
    ...run
  } = presentRun(row, row.started_at)
  const { stop_outcome, stop_status, stop_actor, stop_reason, exited_at, context } = row
  return { ...run, stop_outcome, stop_status, stop_actor, stop_reason, exited_at, context }
}

export function exportMessage({ is_open: _open, interrupt, ...row }: MessageRow): ExportedMessage {
  return { ...row, interrupt: interrupt === 1 }
}

export function importMessage({ interrupt, ...message }: ExportedMessage): Omit<MessageRow, 'is_open'> {
  return { ...message, interrupt: interrupt ? 1 : 0 }
}

export function exportQuestion(row: QuestionRow): ExportedQuestion {
  const { attempt: _attempt, has_diff: _diff, is_cut: _cut, state: _state, ...whole } = presentQuestion(row)
  const { task_id: _task, ...question } = whole
  return question
}

export function importQuestion(question: ExportedQuestion): Omit<QuestionRow, 'task_id' | 'attempt'> {
  const { answer, input, options } = question
  return {
    ...question,
    input: jsonOrNull(input),
    options: JSON.stringify(options),
    answer: jsonOrNull(answer),
  }
}

const jsonOrNull = (value: unknown) => (value === null ? null : JSON.stringify(value))

/**
 * @param claim the claim of an open run: no process holds it, so it lapses, or a person takes the task away
 * @param host the host recorded for an open run's process; never this one, so that no process here is mistaken for it
 */
export function importRun(run: ExportedRun, claim: string, host: string | null): RunRow {
  return {
    ...run,
    claim_lock: run.ended_at === null ? claim : null,
    host,
    worker_started_key: null,
    keeper_pid: null,
    keeper_started_key: null,
    log_path: null,
    metadata: jsonOrNull(run.metadata),
    command: jsonOrNull(run.command),
    observed: jsonOrNull(run.observed),
    usage: jsonOrNull(run.usage),
  }
}
