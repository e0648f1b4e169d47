import { count, plural } from '../../formats/count.ts'
import type { Severity } from '../../contract/index.ts'
import { DAY, MINUTE, roughly } from '../../formats/time.ts'
import { boardGate } from '../board/gates.ts'
import { firstLine } from '../lifecycle/write-event.ts'
import * as diagnostics from '../tables/diagnostics.ts'
import { ended, found, LIMIT, type Rule } from './finding.ts'
import { nearest } from './nearest.ts'

/** Rules about tasks that wait. */

const STUCK_MS = DAY
const STRANDED_MS = 30 * MINUTE

/** More severe with age: a warning, an error from twice the threshold, critical from six times. */
function severityByAge(age: number, from: number): Severity {
  if (age >= 6 * from) return 'critical'
  return age >= 2 * from ? 'error' : 'warning'
}

export const stuck: Rule = ({ read, facts }) =>
  read.all(diagnostics.untouched, { before: facts.now - STUCK_MS, limit: LIMIT }).map((task) => {
    const age = facts.now - task.since_at
    const state = task.status === 'ready' ? 'Held' : task.status === 'review' ? 'In review' : 'Blocked'
    const reason = task.status === 'ready' ? task.held_reason : task.block_reason
    const said = firstLine(reason, 200) ?? ''
    const time = `${state} for ${roughly(age)}`
    const others = task.waiting === 0 ? '' : ` ${count(task.waiting, 'task waits', 'tasks wait')} for it.`
    const verb = { ready: `release ${task.id}`, review: `approve ${task.id}` }[
      task.status as 'ready' | 'review'
    ]
    return found(
      'stuck',
      task.waiting > 0 || age >= 3 * STUCK_MS ? 'error' : 'warning',
      `${ended(said === '' ? time : `${time}: ${said}`)}${others}`,
      verb ?? `unblock ${task.id} --answer …`,
      { task_ids: [task.id], title: task.title, since_at: task.since_at },
    )
  })

/** Ready tasks that are not held for reasons of their own. What holds the whole board is reported once. */
export const stranded: Rule = ({ read, facts }) => {
  const waiting = read
    .all(diagnostics.ready, { now: facts.now, before: facts.now - STRANDED_MS, limit: LIMIT })
    .filter((task) => task.assignee !== null && facts.profiles.has(task.assignee))
  const groups = new Map<string, typeof waiting>()
  for (const task of waiting) {
    const key = boardGate(task.assignee, facts)?.sentence ?? ''
    groups.set(key, [...(groups.get(key) ?? []), task])
  }
  return [...groups].map(([sentence, [first, ...others]]) => {
    const age = facts.now - (first?.ready_at ?? facts.now)
    const all = first === undefined ? [] : [first, ...others]
    const why = sentence === '' ? 'It should have started by now.' : sentence
    const who = plural(all.length, 'A task has been', `${all.length} tasks are ready, one of them has been`)
    return found(
      'stranded',
      severityByAge(age, STRANDED_MS),
      `${who} ready for ${roughly(age)} without being started. ${why}`,
      boardGate(first?.assignee ?? null, facts)?.action ?? (first === undefined ? null : `why ${first.id}`),
      {
        task_ids: all.map((task) => task.id),
        title: first?.title ?? null,
        since_at: first?.ready_at ?? null,
      },
    )
  })
}

export const misassigned: Rule = ({ read, facts }) =>
  read.all(diagnostics.assigneesOfOpen, {}).flatMap(({ assignee, ids, title, ready, since_at }) => {
    if (assignee !== null && facts.profiles.has(assignee)) return []
    const task_ids = JSON.parse(ids) as string[]
    const about = { task_ids, title, profile: assignee, since_at }
    const who = plural(task_ids.length, 'A task', `${task_ids.length} tasks`)
    const verb = plural(task_ids.length, 'is', 'are')
    const severity = ready > 0 ? 'error' : 'warning'
    const assign = (name: string) => `assign ${task_ids.slice(0, 3).join(' ')} ${name}`
    if (assignee === null) {
      return found(
        'misassigned',
        'warning',
        `${who} ${verb} ready and assigned to nobody.`,
        assign('PROFILE'),
        about,
      )
    }
    const broken = facts.broken_profiles.get(assignee)
    if (broken !== undefined) {
      const sentence = `${who} ${verb} assigned to “${assignee}”, a profile that cannot be used: ${broken}.`
      return found('misassigned', severity, sentence, `profiles set ${assignee} …`, about)
    }
    const near = nearest(assignee, [...facts.profiles.keys()])
    const guess = near === null ? '' : ` Did you mean “${near}”?`
    const sentence = `${who} ${verb} assigned to “${assignee}”, which is not a profile.${guess}`
    return found(
      'misassigned',
      severity,
      sentence,
      near === null ? `profiles add ${assignee} …` : assign(near),
      about,
    )
  })
