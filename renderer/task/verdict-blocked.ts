import type { Run } from '../../contract/index.ts'
import { SECOND } from '../../formats/time.ts'
import { isUnreported } from '../runs/run-words.ts'
import { duration } from '../shared/time.ts'
import { fixProfile, openLog, type Parts, verb, type VerdictInput } from './verdict-parts.ts'

/** @returns the verdict of a task that waits for a person, by the reason for the block */
export function blocked(input: VerdictInput, last: Run | undefined): Parts {
  const { task } = input
  switch (task.block_kind) {
    case 'gave_up':
      return { ...gaveUp(input, last), tone: 'bad' }
    case 'unreported':
      return {
        tone: 'waiting',
        ...(last !== undefined && isUnreported(last) ? {} : { happened: 'It ended without a report' }),
        quote: lastOutput(task.block_reason),
        isOutput: true,
        next: 'Check the end of its output: was the work done?',
        action: { kind: 'accept', label: 'Mark done', summary: lastOutput(task.block_reason) ?? '' },
        also: verb('retry', 'Retry'),
      }
    case 'capability':
      return {
        tone: 'waiting',
        happened: `${nameOf(last)} needs your help to continue`,
        quote: task.block_reason,
        next: 'It waits for you.',
        form: 'answer',
        also: { kind: 'assign', label: 'Assign to another…' },
      }
    case 'needs_input':
    case null:
      return {
        tone: 'waiting',
        happened: last?.outcome === 'blocked' ? `Attempt ${last.attempt} asks you` : 'It needs you',
        quote: task.block_reason,
        next: 'It waits for your answer; the next attempt reads it first.',
        form: 'answer',
      }
  }
}

function nameOf(run: Run | undefined): string {
  return run === undefined ? 'It' : `Attempt ${run.attempt}`
}

/** @returns the worker's last output, which a block reason quotes after “Its last words:” or “Its last line:” */
function lastOutput(reason: string | null): string | null {
  return /Its last (?:words|line): (.+)$/s.exec(reason ?? '')?.[1] ?? null
}

function gaveUp({ task, failureLimit }: VerdictInput, last: Run | undefined): Parts {
  const failures = task.consecutive_failures
  const by = failureLimit.source === 'default' ? '' : ` (the limit of the ${failureLimit.source})`
  const row = failures <= 1 ? 'one failure' : `${failures} failures in a row`
  const parts = { next: `It will not retry: ${row}${by}. Only you can let it continue.` }
  if (last?.outcome === 'timed_out' && last.max_runtime_seconds !== null) {
    const seconds = last.max_runtime_seconds * 2
    return {
      ...parts,
      action: {
        kind: 'raise_runtime',
        label: `Raise limit to ${duration(seconds * SECOND)} and retry`,
        seconds,
      },
      also: openLog(last),
    }
  }
  const fix = fixProfile(last)
  if (fix !== null) return { ...parts, action: fix, also: verb('retry', 'Retry') }
  return { ...parts, action: verb('retry', 'Retry'), also: openLog(last) }
}
