import { DAY, roughly } from '../../formats/time.ts'
import { effectiveLimit } from '../lifecycle/fail.ts'
import { firstLine } from '../lifecycle/write-event.ts'
import * as diagnostics from '../tables/diagnostics.ts'
import { ended, found, LIMIT, type Rule } from './finding.ts'

/** Rules about failing attempts. */

const FAILING_FROM = 2
const LOOPING_FROM = 5

export const failing: Rule = ({ read, facts, board_failure_limit }) =>
  read.all(diagnostics.failing, { failures: FAILING_FROM, limit: LIMIT }).map((task) => {
    const profile = task.assignee === null ? undefined : facts.profiles.get(task.assignee)
    const { limit } = effectiveLimit(task, {
      profile_limit: profile?.failure_limit ?? null,
      board_limit: board_failure_limit,
      backoff_seconds: null,
      random: () => 0,
    })
    const error = firstLine(task.last_failure_error, 200)
    const last = error === null ? '' : ` The last: ${ended(error)}`
    return found(
      'failing',
      task.consecutive_failures + 1 >= limit ? 'error' : 'warning',
      `${task.consecutive_failures} failures in a row; it gives up at ${limit}.${last}`,
      `runs ${task.id}`,
      { task_ids: [task.id], title: task.title, profile: task.assignee, since_at: task.updated_at },
    )
  })

export const looping: Rule = ({ read, facts }) =>
  read
    .all(diagnostics.looping, { since: facts.now - DAY, attempts: LOOPING_FROM, limit: LIMIT })
    .map(({ task_id, title, attempts, since_at }) =>
      found(
        'looping',
        attempts >= 2 * LOOPING_FROM ? 'error' : 'warning',
        `${attempts} attempts within a day without success.`,
        `hold ${task_id}`,
        { task_ids: [task_id], title, since_at },
      ),
    )

export const heldProfiles: Rule = ({ facts }) =>
  [...facts.held_profiles.values()].map(({ profile, held_kind, held_why, held_since, held_until }) => {
    const until = held_until === null ? '' : ` It resumes in ${roughly(held_until - facts.now)}.`
    return found(
      'profile_held',
      held_kind === 'rate_limited' ? 'info' : 'error',
      `Profile ${profile} is held: ${ended(held_why)}${until}`,
      `profiles release ${profile}`,
      { profile, since_at: held_since },
    )
  })

export const rejectedCards: Rule = ({ read }) =>
  read
    .all(diagnostics.rejectedCards, { limit: LIMIT })
    .map(({ task_id, title, run_id, payload, created_at }) => {
      const { unknown } = JSON.parse(payload) as { unknown?: string[] }
      const sentence = `Its worker reported tasks that it did not create: ${(unknown ?? []).join(', ')}. The completion was refused.`
      return found('rejected_cards', 'warning', sentence, `log ${task_id}`, {
        task_ids: [task_id],
        title,
        run_id,
        since_at: created_at,
      })
    })
