import { describe, expect, it } from 'vitest'
import type { Gate, Run, Task, Why } from '../../contract/index.ts'
import { type BlockKind, RUN_OUTCOMES, TASK_STATUSES } from '../../contract/states.ts'
import { aRun, aTask, NOW } from '../runs/test-runs.ts'
import { runSentence } from '../runs/run-words.ts'
import { verdict } from './verdict.ts'
import type { VerdictInput } from './verdict-parts.ts'

function said(task: Partial<Task>, runs: Run[] = [], more: Partial<VerdictInput> = {}) {
  return verdict({
    task: aTask(task),
    runs,
    why: null,
    failureLimit: { limit: 3, source: 'default' },
    openParents: [],
    ...more,
  })
}

function gate(name: Gate, sentence = 'A sentence.', clears_at: number | null = null): Why {
  return { gate: name, sentence, clears_at, action: null }
}

const failed = (attempt: number, values: Partial<Run> = {}) =>
  aRun({ attempt, outcome: 'crashed', exit_code: 1, error: 'It exited with 1.\nall is lost', ...values })

describe('every status with every outcome', () => {
  const cases = TASK_STATUSES.flatMap((status) =>
    [null, ...RUN_OUTCOMES].map((outcome) => [status, outcome] as const),
  )

  it.each(cases)('%s after %s says what happened, and offers at most two actions', (status, outcome) => {
    const shown = said({ status }, [aRun({ outcome, error: 'It exited with 1.\nno', summary: 'words' })])
    expect(shown.happened).not.toBe('')
    expect(shown.happened).not.toMatch(/undefined|null|_/)
    expect(shown.next?.text ?? '').not.toMatch(/undefined|null|_/)
    expect([shown.action, shown.also].filter(Boolean).length + (shown.form === null ? 0 : 1)).toBeLessThan(4)
  })

  it.each(TASK_STATUSES)('%s without a run says so', (status) => {
    expect(said({ status }).happened).not.toMatch(/Attempt/)
  })
})

describe('what happened last', () => {
  const sentences: [Partial<Run>, string][] = [
    [{ outcome: 'completed', elapsed_ms: 240_000 }, 'Attempt 3 completed in 4 min'],
    [{ outcome: 'review_requested' }, 'Attempt 3 asks for a review'],
    [{ outcome: 'blocked' }, 'Attempt 3 asked you a question'],
    [{ outcome: 'crashed', exit_code: 137 }, 'Attempt 3 crashed: exit 137, killed by SIGKILL'],
    [{ outcome: 'crashed', signal: 'SIGSEGV' }, 'Attempt 3 crashed: killed by SIGSEGV'],
    [{ outcome: 'crashed', exit_code: 2 }, 'Attempt 3 crashed: exit 2'],
    [{ outcome: 'crashed' }, 'Attempt 3 crashed: its process is gone, how is unknown'],
    [
      { outcome: 'crashed', exit_code: 0, error: 'It exited with 0 but did not report: no complete.' },
      'Attempt 3 ended without a report: exit 0',
    ],
    [{ outcome: 'timed_out', max_runtime_seconds: 1800 }, 'Attempt 3 timed out after 30 min'],
    [{ outcome: 'stale' }, 'Attempt 3 went silent and was stopped'],
    [{ outcome: 'spawn_failed' }, 'Attempt 3 could not be started'],
    [{ outcome: 'gave_up' }, 'Attempt 3 could not be started'],
    [{ outcome: 'rate_limited' }, 'Attempt 3 hit a rate limit'],
    [{ outcome: 'reclaimed' }, 'Attempt 3 was taken away from its worker'],
    [{ outcome: 'stopped' }, 'Attempt 3 was stopped'],
    [
      { outcome: 'verify_failed', observed: { verify_exit_code: 1 } },
      'Attempt 3 finished, but the check failed: exit 1',
    ],
  ]

  it.each(sentences)('%j', (run, sentence) => {
    expect(said({ status: 'ready' }, [aRun({ attempt: 3, ...run })]).happened).toBe(sentence)
  })

  it("quotes the error's most telling line, without colours", () => {
    const error = 'It exited with 3.\nOpening\n\u001b[31merror:\u001b[0m connection refused\n'
    expect(said({ status: 'ready' }, [failed(1, { error })]).quote).toBe('error: connection refused')
  })
})

describe('a ready task', () => {
  it('counts down to its retry, with the number of the next attempt and the limit', () => {
    const task = { status: 'ready', retry_at: NOW + 42_000, consecutive_failures: 3 } as const
    const shown = said(task, [failed(1), failed(2), failed(3)], {
      why: gate('retry_at', 'Retries.', NOW + 42_000),
      failureLimit: { limit: 5, source: 'profile' },
    })
    expect(shown.next).toMatchObject({
      text: 'It retries in',
      until: NOW + 42_000,
      after: ', attempt 4 of 5',
    })
    expect(shown.action).toMatchObject({ kind: 'verb', verb: 'retry' })
    expect(shown.also).toMatchObject({ kind: 'log', attempt: 3, at: 'error' })
  })

  it('shows the time when a rate limit ends, and does not call it a failure', () => {
    const shown = said({ status: 'ready', retry_at: NOW + 1000 }, [aRun({ outcome: 'rate_limited' })], {
      why: gate('retry_at'),
    })
    expect(shown.next).toMatchObject({ text: 'It waits for the rate limit until', shown: 'clock' })
    expect(shown.tone).toBe('waiting')
  })

  const gates: [Gate, Partial<Task>, string, string | undefined][] = [
    [
      'held',
      { held: true, held_reason: 'you stopped attempt 2' },
      'It is held: you stopped attempt 2.',
      'verb',
    ],
    ['no_assignee', { assignee: null }, 'Nobody is assigned to it.', 'assign'],
    ['unknown_profile', {}, 'A sentence.', 'fix_profile'],
    ['not_before', {}, 'It is scheduled to start in', 'start_now'],
    ['profile_held', {}, 'A sentence.', 'release_profile'],
    ['paused', {}, 'A sentence.', 'resume_board'],
    ['board_limit', {}, 'A sentence.', undefined],
    ['profile_limit', {}, 'A sentence.', undefined],
    ['app_limit', {}, 'A sentence.', undefined],
    ['no_dispatcher', {}, 'A sentence.', undefined],
    ['workspace_busy', {}, 'A sentence.', undefined],
    ['low_memory', {}, 'A sentence.', undefined],
  ]

  it.each(gates)('behind the gate %s explains it and offers what opens it', (name, task, text, action) => {
    const shown = said({ status: 'ready', ...task }, [], { why: gate(name) })
    expect([shown.next?.text, shown.action?.kind]).toEqual([text, action])
  })

  it('behind no gate says that it starts as soon as there is a free slot', () => {
    expect(said({ status: 'ready' }).next?.text).toBe('It starts as soon as a worker is free: attempt 1.')
  })
})

describe('a blocked task', () => {
  const blocked = (block_kind: BlockKind, run: Run, task: Partial<Task> = {}) =>
    said({ status: 'blocked', block_kind, block_reason: 'Which one?', consecutive_failures: 3, ...task }, [
      run,
    ])

  it('with a question shows it, and a field for the answer', () => {
    const shown = blocked('needs_input', aRun({ attempt: 2, outcome: 'blocked' }))
    expect([shown.happened, shown.quote, shown.form]).toEqual(['Attempt 2 asks you', 'Which one?', 'answer'])
  })

  it('that Runboard gave up on says why there is no retry', () => {
    const shown = blocked('gave_up', failed(3))
    expect(shown.next?.text).toBe('It will not retry: 3 failures in a row. Only you can let it continue.')
    expect([shown.action?.kind, shown.also?.kind]).toEqual(['verb', 'log'])
  })

  it('after a timeout offers a higher limit', () => {
    const shown = blocked('gave_up', aRun({ outcome: 'timed_out', max_runtime_seconds: 1800 }))
    expect(shown.action).toEqual({
      kind: 'raise_runtime',
      label: 'Raise limit to 1 h and retry',
      seconds: 3600,
    })
  })

  it('whose starts fail offers to fix the command before the last attempt', () => {
    const last = failed(1, { outcome: 'spawn_failed', profile: 'coder', error: '/no/such does not exist.' })
    const shown = said({ status: 'ready', retry_at: NOW + 8000, consecutive_failures: 1 }, [last], {
      why: gate('retry_at', 'Retries.', NOW + 8000),
    })
    expect(shown.action).toMatchObject({ kind: 'verb', verb: 'retry' })
    expect(shown.also).toMatchObject({ kind: 'fix_profile', profile: 'coder' })
  })

  it.each(['spawn_failed', 'gave_up'] as const)('after %s offers the profile', (outcome) => {
    expect(blocked('gave_up', aRun({ outcome })).action).toMatchObject({
      kind: 'fix_profile',
      profile: 'claude',
    })
  })

  it('without a report can be accepted as done, with its last line as the summary', () => {
    const reason = 'It exited with 0 but did not report. Its last words: 12 files formatted'
    const shown = blocked('unreported', failed(1), { block_reason: reason })
    expect(shown.action).toMatchObject({ kind: 'accept', summary: '12 files formatted' })
    expect(shown.also).toMatchObject({ verb: 'retry' })
  })

  it('that lacks a capability can be answered or reassigned', () => {
    const shown = blocked('capability', aRun({ outcome: 'blocked' }))
    expect([shown.form, shown.also?.kind]).toEqual(['answer', 'assign'])
  })
})

describe('a running task', () => {
  it('says when its time is up, and what happened before', () => {
    const run = aRun({ attempt: 2, started_at: NOW, spawned_at: NOW, max_runtime_seconds: 60 })
    const shown = said({ status: 'running' }, [failed(1), run])
    expect(shown.happened).toBe('Attempt 2 is running')
    expect(shown.next).toMatchObject({
      text: 'Attempt 1 crashed: exit 1. It times out in',
      until: NOW + 60_000,
    })
    expect(shown.action).toMatchObject({ kind: 'follow', attempt: 2 })
  })

  it('that is being stopped counts down to the kill, and offers nothing else', () => {
    const shown = said({ status: 'running' }, [aRun({ stop_requested_at: NOW })])
    expect(shown.happened).toBe('Attempt 1 is being stopped')
    expect([shown.next?.until, shown.action]).toEqual([NOW + 5000, null])
  })
})

describe('the others', () => {
  it('todo names what it waits for and links to it', () => {
    const openParents = [
      { id: 't_a', title: 'Brief', status: 'ready', why: null },
      { id: 't_b', title: 'Name', status: 'blocked', why: null },
    ] as const
    const shown = said({ status: 'todo' }, [], { openParents })
    expect(shown.next?.text).toBe('It is blocked by “Brief” and 1 more.')
    expect(shown.action).toMatchObject({ kind: 'open_task', id: 't_a' })
  })

  it('a card that waits for its items links only to an item that needs a person', () => {
    const why = gate('open_items', 'Waiting for 2 of 4 items.')
    const roof = { id: 't_a', title: 'roof', status: 'running', why: null } as const
    const wall = { id: 't_b', title: 'wall', status: 'running', why: gate('question') } as const
    const without = said({ status: 'todo' }, [], { why, openParents: [roof] })
    expect([without.next?.text, without.action]).toEqual(['Waiting for 2 of 4 items.', null])
    const shown = said({ status: 'todo' }, [], { why, openParents: [roof, wall] })
    expect(shown.next?.text).toBe('Waiting for 2 of 4 items. “wall” needs you.')
    expect(shown.action).toMatchObject({ kind: 'open_task', id: 't_b' })
  })

  it('done after a review says who finished it', () => {
    const shown = said({ status: 'done' }, [aRun({ attempt: 2, outcome: 'review_requested' })])
    expect([shown.happened, shown.tone]).toEqual(['Attempt 2 was approved', 'good'])
  })

  it('G12: work in a worktree is reviewed before it is approved', () => {
    const worktree = { status: 'review', workspace_kind: 'worktree', workspace_path: '/w' } as const
    expect(said(worktree, []).action).toEqual({ kind: 'changes', label: 'Review changes' })
    expect(said({ ...worktree, merge_state: 'nothing' }, []).action).toMatchObject({ verb: 'approve' })
    expect(said({ status: 'review' }, []).action).toMatchObject({ verb: 'approve' })
  })

  it('G12, G13: done says whether the work is merged', () => {
    const unmerged = said({ status: 'done', merge_state: 'not_merged', branch: 'runboard/t_1' }, [])
    expect(unmerged.next?.text).toBe('Its work is not merged: it is on the branch runboard/t_1.')
    expect([unmerged.tone, unmerged.action?.label]).toEqual(['waiting', 'Review changes'])
    const merge = { merge_state: 'merged', merged_commit: 'ea3b246f1234', merged_into: 'main' } as const
    expect(said({ status: 'done', ...merge }, []).next?.text).toBe('Merged as ea3b246f1 into main.')
  })

  it('done by hand after a failure does not look like a failure', () => {
    const shown = said({ status: 'done', result: 'Did it myself' }, [failed(1)])
    expect([shown.happened, shown.quote, shown.tone]).toEqual(['It is done', 'Did it myself', 'good'])
  })
})

it('S8: an earlier attempt that asked a question is not shown as waiting for an answer', () => {
  expect(runSentence(aRun({ attempt: 1, outcome: 'blocked' }))).toBe('Attempt 1 asked you a question')
})
