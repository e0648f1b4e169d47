import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'

/** A field that is edited in place: what was typed, and what editing began with. */
export interface FieldDraft {
  text: string
  opened: string
}

/** What was typed and not sent. It outlives the drawer and a reload, so that a look at another task costs nobody a text. */
export class Drafts {
  readonly #key: string
  readonly #texts = new Map<string, string>()

  /** @param key the task's */
  constructor(key: string) {
    this.#key = `task/${key}`
    const kept = keptDraft(this.#key)
    const texts = typeof kept === 'object' && kept !== null ? Object.entries(kept) : []
    for (const [name, text] of texts) if (typeof text === 'string') this.#texts.set(name, text)
  }

  get comment(): string {
    return this.#texts.get('comment') ?? ''
  }

  set comment(text: string) {
    this.#set({ comment: text === '' ? null : text })
  }

  get answer(): string {
    return this.#texts.get('answer') ?? ''
  }

  set answer(text: string) {
    this.#set({ answer: text === '' ? null : text })
  }

  /** @returns null where nothing was typed into the field that has not been saved */
  field(name: string): FieldDraft | null {
    const text = this.#texts.get(name)
    const opened = this.#texts.get(openedOf(name))
    return text === undefined || opened === undefined ? null : { text, opened }
  }

  /** Keeps what was typed into a field; a text that is as it was when editing began is not kept. */
  keepField(name: string, draft: FieldDraft | null): void {
    const isTyped = draft !== null && draft.text !== draft.opened
    this.#set({ [name]: isTyped ? draft.text : null, [openedOf(name)]: isTyped ? draft.opened : null })
  }

  #set(change: Record<string, string | null>): void {
    for (const [name, text] of Object.entries(change)) {
      if (text === null) this.#texts.delete(name)
      else this.#texts.set(name, text)
    }
    keepDraft(this.#key, this.#texts.size === 0 ? null : Object.fromEntries(this.#texts))
  }
}

/** The description was the only field once: its opened text has the name that it had then. */
function openedOf(name: string): string {
  return name === 'body' ? 'opened' : `${name}/opened`
}
