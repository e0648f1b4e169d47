import type { OperationOutput, Run } from '../../../contract/index.ts'
import { duration } from '../../shared/time.ts'

export type ShownWalk = OperationOutput<'task.walk'>['walks'][number]

/** A step as the strip shows it. */
export interface StepMark {
  key: string
  label: string
  state: 'passed' | 'open' | 'again' | 'waiting'
  /** The number of visits; null for fewer than two. */
  visits: number | null
  /** The tooltip. */
  hint: string
}

/** @returns the steps of a walk in the order of its file, without its ends */
export function stepMarks({ steps, visits }: ShownWalk): StepMark[] {
  return steps
    .filter(({ kind }) => kind !== 'end')
    .map(({ key, title }) => {
      const own = visits.filter(({ step }) => step === key)
      const last = own.at(-1)
      return {
        key,
        label: stepLabel({ key, title }),
        state:
          last === undefined ? 'waiting' : last.left_at === null ? 'open' : last.valid ? 'passed' : 'again',
        visits: own.length > 1 ? own.length : null,
        hint: last === undefined ? 'Not reached yet' : hintOf(last),
      }
    })
}

/** @returns the title of a step, or its key in words */
export function stepLabel({ key, title }: Pick<ShownWalk['steps'][number], 'key' | 'title'>): string {
  return title ?? key.replaceAll('_', ' ')
}

/** A visit with its attempts. */
export interface VisitRuns {
  visit: ShownWalk['visits'][number]
  runs: Run[]
  said: string | null
}

/** @returns the visits of a step, oldest first, each with its runs */
export function visitsOf({ visits }: ShownWalk, step: string, runs: readonly Run[]): VisitRuns[] {
  return visits
    .filter((visit) => visit.step === step)
    .map((visit) => ({ visit, runs: runs.filter((run) => run.visit_id === visit.id), said: visit.summary }))
}

const STATE_WORDS: Record<StepMark['state'], string> = {
  passed: 'passed',
  open: 'here now',
  again: 'to be passed again',
  waiting: 'not reached',
}

/** @returns a step in words, for a screen reader */
export function markWords({ label, state, visits }: StepMark): string {
  return `${label}: ${STATE_WORDS[state]}${visits === null ? '' : `, ${visits} visits`}`
}

function hintOf({ entered_at, left_at, summary, verdict }: ShownWalk['visits'][number]): string {
  if (left_at === null) return 'The card is here'
  const said = summary === null ? '' : `: ${summary.split('\n', 1)[0]?.slice(0, 120) ?? ''}`
  return `${verdict ?? ''} after ${duration(left_at - entered_at)}${said}`
}

/** @returns the round that the card is in, as “Round 2 of 4 from test”; null before the first */
export function roundWords({ rounds, visits }: ShownWalk): string | null {
  const open = visits.at(-1)
  if (open === undefined) return null
  const taken = [...visits].reverse().find((visit) => rounds.some((way) => isWay(way, visit)))
  if (taken === undefined) return null
  const way = rounds.find((one) => isWay(one, taken))
  return way === undefined ? null : `Round ${way.used} of ${way.max} from ${way.from.replaceAll('_', ' ')}`
}

function isWay(way: ShownWalk['rounds'][number], visit: ShownWalk['visits'][number]): boolean {
  return way.from === visit.from && way.verdict === visit.via && way.to === visit.step
}

/** @returns the words on the button of a verdict */
export function verdictLabel(verdict: string): string {
  const known: Record<string, string> = {
    approved: 'Approve',
    changes: 'Request changes',
    rejected: 'Reject',
  }
  const text = known[verdict] ?? verdict.replaceAll('_', ' ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** @returns a value as readable text: a flat list as lines, deeper values as JSON */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return value
  const isFlat = Array.isArray(value) && value.every((one) => typeof one !== 'object')
  return isFlat ? value.map((one) => `• ${String(one)}`).join('\n') : JSON.stringify(value, null, 2)
}

/** @returns a reference in words: `steps.plan.metadata.risks` as “plan: risks” */
export function shownName(reference: string): string {
  const [, step = '', ...rest] = reference.split('.')
  const name = rest.filter((part) => part !== 'metadata').join(' ')
  return [step, name]
    .filter((part) => part !== '')
    .join(': ')
    .replaceAll('_', ' ')
}
