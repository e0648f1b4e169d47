import type { BoardEvent, Comment } from '../../contract/index.ts'

/** A comment, note or answer on a task. */
export interface Message {
  key: string
  at: number
  /** “You” for the user of this window. */
  who: string
  /** The act that carried the text: `answered`, `asked for changes`; empty for a comment. */
  how: string
  text: string
  /** What became of a message to a worker; null for other texts. */
  fate: string | null
}

/** The events that carry a text to the next attempt, and the field of the text. */
const SAID: Partial<Record<BoardEvent['kind'], { field: string; how: string }>> = {
  unblocked: { field: 'answer', how: 'answered' },
  changes_requested: { field: 'note', how: 'asked for changes' },
  approved: { field: 'note', how: 'approved' },
  retried: { field: 'note', how: 'asked to retry' },
  reopened: { field: 'note', how: 'reopened it' },
}

const textIn = (value: unknown) => (typeof value === 'string' ? value : '')

/** @returns the answers to the questions of open runs. Permissions are left out: the log has them, and they may be very many. */
function answersIn(events: readonly BoardEvent[], nameOf: (actor: string) => string): Message[] {
  const asked = new Map(
    events.flatMap(({ kind, payload }) =>
      kind === 'question_asked' && payload?.['kind'] !== 'permission'
        ? [[payload?.['question_id'], textIn(payload?.['title'])] as const]
        : [],
    ),
  )
  return events.flatMap((event): Message[] => {
    const title = asked.get(event.payload?.['question_id'])
    if (event.kind !== 'question_answered' || title === undefined) return []
    const words = [event.payload?.['option'], event.payload?.['text']]
      .map(textIn)
      .filter((text) => text !== '')
    return [
      {
        key: `event ${event.id}`,
        at: event.created_at,
        who: nameOf(event.actor),
        how: `answered “${title}”`,
        text: words.join(': ') || 'with a form',
        fate: null,
      },
    ]
  })
}

/** A verb may also write its text as a comment, at most this much earlier or later, in milliseconds. */
const SAME_MOMENT = 2000

/**
 * @param profiles names of profiles; a text written outside of a run, by none of them, is from the user
 * @returns notes, answers and comments, oldest first, each once
 */
export function messagesOf(
  events: readonly BoardEvent[],
  comments: readonly Comment[],
  profiles: readonly string[],
): Message[] {
  const nameOf = (actor: string, runId: number | null) =>
    runId === null && !profiles.includes(actor) ? 'You' : actor

  const said = events.flatMap((event): Message[] => {
    const spec = SAID[event.kind]
    const text = spec === undefined ? null : event.payload?.[spec.field]
    if (spec === undefined || typeof text !== 'string' || text.trim() === '') return []
    return [
      {
        key: `event ${event.id}`,
        at: event.created_at,
        who: nameOf(event.actor, null),
        how: spec.how,
        text,
        fate: null,
      },
    ]
  })
  const isSaid = ({ body, created_at }: Comment) =>
    said.some(({ text, at }) => text === body && Math.abs(at - created_at) < SAME_MOMENT)
  const written = comments
    .filter((comment) => !isSaid(comment))
    .map((comment): Message => ({
      key: `comment ${comment.id}`,
      at: comment.created_at,
      who: nameOf(comment.author, comment.run_id),
      how: '',
      text: comment.body,
      fate: null,
    }))
  const answers = answersIn(events, (actor) => nameOf(actor, null))
  return [...said, ...answers, ...written].sort((a, b) => a.at - b.at)
}
