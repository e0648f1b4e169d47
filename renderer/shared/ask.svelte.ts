import { keepDraft, keptDraft } from './kept-drafts.ts'

/** A question to the user before something is done. */
export interface Question {
  /** The ids of its tasks, if title and text do not identify them. An unsent answer is stored under this key. */
  about?: string
  title: string
  text?: string
  /** Without a field it only asks for confirmation. */
  field?: {
    label: string
    placeholder?: string
    required?: boolean
    value?: string
    lines?: number
    /** @returns what is wrong with the typed text, or null */
    check?: (value: string) => string | null
    hint?: string
  }
  /** A choice between a few values; `asker.chosen` has the answer. */
  choice?: { label: string; options: readonly { value: string; label: string }[]; value: string }
  confirm: string
  danger?: boolean
}

/** One question at a time, on top of everything else. */
class Asker {
  open = $state.raw<Question | null>(null)
  /** The value chosen in the last question. */
  chosen = $state('')
  #answer: ((value: string | null) => void) | null = null

  /** @returns the typed text (empty if there is no field), or null when it was cancelled */
  ask(question: Question): Promise<string | null> {
    this.#answer?.(null)
    this.open = question
    this.chosen = question.choice?.value ?? ''
    return new Promise((resolve) => (this.#answer = resolve))
  }

  /** @returns the initial text of the field: an earlier unsent answer, else the proposal */
  begin(question: Question): string {
    const { field } = question
    if (field === undefined) return ''
    const proposed = field.value ?? ''
    const kept = readKept(keyOf(question))
    if (kept === null || kept.proposed === proposed || field.lines === 1) return kept?.text ?? proposed
    // The proposal has changed since: keep both it and the typed text.
    if (kept.text.startsWith(kept.proposed)) return proposed + kept.text.slice(kept.proposed.length)
    return [kept.text, proposed].filter((text) => text !== '').join('\n\n')
  }

  /** Stores what is typed: cancelling a question loses no text. */
  type(question: Question, text: string): void {
    if (question.field === undefined) return
    const proposed = question.field.value ?? ''
    keepDraft(keyOf(question), text === proposed ? null : { proposed, text })
  }

  settle(value: string | null): void {
    const { open } = this
    if (open !== null && value !== null) this.type(open, open.field?.value ?? '')
    const answer = this.#answer
    this.#answer = null
    this.open = null
    answer?.(value)
  }
}

function keyOf({ title, text = '', about }: Question): string {
  return `ask/${about ?? text}/${title}`
}

function readKept(key: string): { proposed: string; text: string } | null {
  const kept = keptDraft(key)
  if (typeof kept !== 'object' || kept === null) return null
  const { proposed, text } = kept as { proposed?: unknown; text?: unknown }
  return typeof proposed === 'string' && typeof text === 'string' ? { proposed, text } : null
}

export const asker = new Asker()
