import { keepDraft, keptDraft } from './kept-drafts.ts'

/** What a person has to say before something is done. */
export interface Question {
  /** What it is about, where title and text do not say it: the ids of the tasks. An answer not sent is kept under it. */
  about?: string
  title: string
  text?: string
  /** Without a field it only asks whether. */
  field?: {
    label: string
    placeholder?: string
    required?: boolean
    value?: string
    lines?: number
    /** Says what is wrong with what was typed, or null. */
    check?: (value: string) => string | null
    hint?: string
  }
  confirm: string
  danger?: boolean
}

/** One question at a time, over whatever is open. */
class Asker {
  open = $state.raw<Question | null>(null)
  #answer: ((value: string | null) => void) | null = null

  /** @returns what was typed (empty where nothing was asked for), or null when it was given up */
  ask(question: Question): Promise<string | null> {
    this.#answer?.(null)
    this.open = question
    return new Promise((resolve) => (this.#answer = resolve))
  }

  /** @returns what the field begins with: what was typed there before and not sent, else what is proposed */
  begin(question: Question): string {
    const { field } = question
    if (field === undefined) return ''
    const proposed = field.value ?? ''
    const kept = readKept(keyOf(question))
    if (kept === null || kept.proposed === proposed || field.lines === 1) return kept?.text ?? proposed
    // What is proposed has changed since: neither that nor what was typed is lost.
    if (kept.text.startsWith(kept.proposed)) return proposed + kept.text.slice(kept.proposed.length)
    return [kept.text, proposed].filter((text) => text !== '').join('\n\n')
  }

  /** Keeps what is typed: giving the question up costs nobody a text. */
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
