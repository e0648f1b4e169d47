import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'

/** A field edited in place: the typed text, and the text when editing began. */
export interface FieldDraft {
  text: string
  opened: string
}

/** Unsent text. It survives the drawer and a reload, so that looking at another task loses nothing. */
export class Drafts {
  readonly #key: string
  readonly #texts = new Map<string, string>()

  /** @param key of the task */
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

  /** The note for a workflow's question. Each visit has its own, so that it is never sent to the next question. */
  noteOf(visit: number | null): string {
    return this.#texts.get(`note/${visit ?? ''}`) ?? ''
  }

  keepNote(visit: number | null, text: string): void {
    this.#set({ [`note/${visit ?? ''}`]: text === '' ? null : text })
  }

  /** The fields and the list of a workflow's question, as `AnswerForm.draft` returns them. */
  answerOf(visit: number | null): string | null {
    return this.#texts.get(`fields/${visit ?? ''}`) ?? null
  }

  keepAnswer(visit: number | null, answer: string | null): void {
    this.#set({ [`fields/${visit ?? ''}`]: answer })
  }

  /** The text for a waiting run's question. Each question has its own, so that it is never sent to the next one. */
  answerTo(question: number): string {
    return this.#texts.get(`question/${question}`) ?? ''
  }

  keepAnswerTo(question: number, text: string): void {
    this.#set({ [`question/${question}`]: text === '' ? null : text })
  }

  /** @returns null if the field has no unsaved text */
  field(name: string): FieldDraft | null {
    const text = this.#texts.get(name)
    const opened = this.#texts.get(openedOf(name))
    return text === undefined || opened === undefined ? null : { text, opened }
  }

  /** Stores the typed text of a field; a text equal to the one when editing began is not stored. */
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

/** The description was once the only field: its opened text still has the name from that time. */
function openedOf(name: string): string {
  return name === 'body' ? 'opened' : `${name}/opened`
}
