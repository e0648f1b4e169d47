import type { OperationOutput, Profile, TestStep } from '../../contract/index.ts'
import type { AcpLine } from '../../formats/acp-lines.ts'
import { ended } from '../diagnostics/finding.ts'
import { firstLine } from '../lifecycle/write-event.ts'
import type { QuestionRow } from '../tables/questions.ts'
import type { EventRow } from '../tables/task-events.ts'
import type { RunRow } from '../tables/task-runs.ts'

type Step = OperationOutput<'profile.test'>['steps'][number]

/** The result of a test. */
export interface Tried {
  started_at: number
  /** Why the program cannot be found. */
  problem: string | null
  run: RunRow | null
  events: readonly EventRow[]
  /** Why the task was not started, if so. */
  skipped: string | null
  /** Where its worker runs, as a sentence. */
  place: string
  /** The line of the bridge about the session that it opened; null without one. */
  session: SessionLine | null
  /** What the worker asked, the newest first. */
  questions: readonly Pick<QuestionRow, 'title' | 'answered_at'>[]
}

export type SessionLine = Extract<AcpLine, { acp: 'start' }>

type Finding = { ok: boolean; sentence: string; at?: number | null }

/** @returns the steps that were reached: none follows a failed one */
export function stepsOf(profile: Profile, tried: Tried): Step[] {
  const isBridged = profile.driver === 'acp'
  const findings: (readonly [TestStep, () => Finding])[] = [
    ['profile', () => ({ ok: true, sentence: profileSentence(profile) })],
    ['executable', () => executable(tried)],
    ['workspace', () => workspace(tried)],
    ['start', () => start(tried)],
    ...(isBridged ? [['session', () => session(tried)] as const] : []),
    ['output', () => output(tried)],
    ...(isBridged ? [['question', () => question(tried)] as const] : []),
    ['report', () => report(profile, tried)],
    ['exit', () => exit(tried)],
  ]
  const steps: Step[] = []
  for (const [name, find] of findings) {
    const { ok, sentence, at } = find()
    const after_ms = at == null ? null : Math.max(0, at - tried.started_at)
    steps.push({ name, ok, sentence, after_ms })
    if (!ok) break
  }
  return steps
}

function profileSentence({ shell, command, completion }: Profile): string {
  const what = shell === null ? `the command ${command?.[0] ?? ''}` : 'a line for the shell'
  const how = completion === 'explicit' ? 'it has to report' : 'its exit code says whether it is done'
  return `It is ${what}; ${how}.`
}

function executable({ problem, run }: Tried): Finding {
  if (problem !== null) return { ok: false, sentence: ended(problem) }
  const command = run?.command == null ? [] : (JSON.parse(run.command) as string[])
  return {
    ok: true,
    sentence: command[0] === undefined ? 'Its program is there.' : `Its program is ${command[0]}.`,
  }
}

function workspace({ run, skipped, place }: Tried): Finding {
  if (run === null) return { ok: false, sentence: skipped ?? 'It was not started.' }
  const failed = run.spawned_at === null && run.error?.startsWith('workspace:') === true
  return failed
    ? { ok: false, sentence: ended(run.error ?? '') }
    : { ok: true, sentence: ended(place), at: run.started_at }
}

function start({ run }: Tried): Finding {
  if (run?.spawned_at == null)
    return { ok: false, sentence: ended(`It could not be started: ${run?.error ?? 'the reason is unknown'}`) }
  return { ok: true, sentence: `It was started as process ${run.worker_pid ?? ''}.`, at: run.spawned_at }
}

/** What an agent may offer to do with sessions, as far as Runboard or a person has use for it. */
const SESSION_METHODS = ['load', 'resume', 'fork', 'list']

function session({ run, session: opened }: Tried): Finding {
  if (opened === null)
    return { ok: false, sentence: ended(`It opened no session: ${run?.error ?? 'the reason is unknown'}`) }
  const { agent, mode, offers } = opened
  const can = SESSION_METHODS.filter((method) => offers.sessions.includes(method))
  const cannot = SESSION_METHODS.filter((method) => !can.includes(method))
  const facts = [
    `${agent} opened a session${mode === null ? '' : ` in mode ${mode}`}`,
    `sessions: ${listed(can)}${cannot.length === 0 ? '' : `, not ${cannot.join(', ')}`}`,
    `modes: ${listed(offers.modes)}`,
    `models: ${listed(offers.models)}`,
  ]
  return { ok: true, sentence: `${facts.join('; ')}.` }
}

/** How many values of one kind a sentence names. */
const SHOWN = 12

function listed(values: readonly string[]): string {
  if (values.length === 0) return 'none'
  const more = values.length > SHOWN ? ` and ${values.length - SHOWN} more` : ''
  return `${values.slice(0, SHOWN).join(', ')}${more}`
}

/** Whether an agent asks is its model’s decision, so a profile without a question works too. */
function question({ questions }: Tried): Finding {
  const answered = questions.filter(({ answered_at }) => answered_at !== null)
  const first = answered.at(-1)
  if (first === undefined)
    return {
      ok: true,
      sentence: questions.length === 0 ? 'It asked nothing.' : 'Its question was withdrawn.',
    }
  const more = answered.length > 1 ? `, and ${answered.length - 1} more` : ''
  const sentence = `It asked “${firstLine(first.title, 100) ?? ''}”${more}, and got the answer.`
  return { ok: true, sentence, at: first.answered_at }
}

/** A worker need not write anything, but the user should know if it does not. */
function output({ run }: Tried): Finding {
  return run?.first_output_at == null
    ? { ok: true, sentence: 'It has written nothing.' }
    : { ok: true, sentence: 'It wrote output.', at: run.first_output_at }
}

function report(profile: Profile, { run, events }: Tried): Finding {
  const at = run?.ended_at ?? null
  const said = firstLine(run?.summary ?? null, 200)
  switch (run?.outcome) {
    case 'completed': {
      const how =
        profile.completion === 'explicit' ? 'It completed the task' : 'It ended well, so the task is done'
      return { ok: true, sentence: said === null ? `${how}.` : ended(`${how}: ${said}`), at }
    }
    case 'review_requested':
      return { ok: true, sentence: 'It reported and asked for a review.', at }
    case 'blocked':
      return { ok: true, sentence: ended(`It reported, and asks: ${said ?? ''}`), at }
    case undefined:
    case null:
      return { ok: false, sentence: 'It did not end in time and could not be stopped.' }
    default:
      return { ok: false, sentence: failure(profile, run?.error ?? null, events), at }
  }
}

function failure({ completion }: Profile, error: string | null, events: readonly EventRow[]): string {
  if (completion === 'explicit' && events.some(({ kind }) => kind === 'protocol_violation')) {
    return 'It ended well, but has not reported: it must call “runboard complete”, or be set to “completion=exit-code”.'
  }
  return ended(error ?? 'It failed.')
}

function exit({ run }: Tried): Finding {
  if (run?.signal != null)
    return { ok: true, sentence: `Its process was ended by ${run.signal}.`, at: run.exited_at }
  if (run?.exit_code != null)
    return { ok: true, sentence: `Its process ended with exit code ${run.exit_code}.`, at: run.exited_at }
  return { ok: true, sentence: 'Its process is gone; how it ended is unknown.', at: run?.exited_at ?? null }
}
