import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'

/** A field edited in place: the typed text, and the text when editing began. */
export interface FieldDraft {
  text: string
  opened: string
}

/**
 * Unsent text. It survives the drawer and a reload, so that looking at another task loses nothing. The drawer, the inbox
 * and a card show the same task at different times, so each read and each write begins with what is stored.
 */
export class Drafts {
  readonly #key: string
  /** All texts while the storage is full; null while they are stored. */
  #unstored: Map<string, string> | null = null

  /** @param key of the task */
  constructor(key: string) {
    this.#key = `task/${key}`
  }

  get comment(): string {
    return this.#text('comment') ?? ''
  }

  set comment(text: string) {
    this.#set({ comment: text === '' ? null : text })
  }

  get answer(): string {
    return this.#text('answer') ?? ''
  }

  set answer(text: string) {
    this.#set({ answer: text === '' ? null : text })
  }

  /** A message to the worker of the open run. */
  get tell(): string {
    return this.#text('tell') ?? ''
  }

  set tell(text: string) {
    this.#set({ tell: text === '' ? null : text })
  }

  /** The note for a workflow's question. Each visit has its own, so that it is never sent to the next question. */
  noteOf(visit: number | null): string {
    return this.#text(`note/${visit ?? ''}`) ?? ''
  }

  keepNote(visit: number | null, text: string): void {
    this.#set({ [`note/${visit ?? ''}`]: text === '' ? null : text })
  }

  /** The fields and the list of a workflow's question, as `AnswerForm.draft` returns them. */
  answerOf(visit: number | null): string | null {
    return this.#text(`fields/${visit ?? ''}`) ?? null
  }

  keepAnswer(visit: number | null, answer: string | null): void {
    this.#set({ [`fields/${visit ?? ''}`]: answer })
  }

  /** The text for a waiting run's question. Each question has its own, so that it is never sent to the next one. */
  answerTo(question: number): string {
    return this.#text(`question/${question}`) ?? ''
  }

  keepAnswerTo(question: number, text: string): void {
    this.#set({ [`question/${question}`]: text === '' ? null : text })
  }

  /** @returns null if the field has no unsaved text */
  field(name: string): FieldDraft | null {
    const text = this.#text(name)
    const opened = this.#text(openedOf(name))
    return text === undefined || opened === undefined ? null : { text, opened }
  }

  /** Stores the typed text of a field; a text equal to the one when editing began is not stored. */
  keepField(name: string, draft: FieldDraft | null): void {
    const isTyped = draft !== null && draft.text !== draft.opened
    this.#set({ [name]: isTyped ? draft.text : null, [openedOf(name)]: isTyped ? draft.opened : null })
  }

  #text(name: string): string | undefined {
    return this.#texts().get(name)
  }

  #texts(): Map<string, string> {
    if (this.#unstored !== null) return this.#unstored
    const kept = keptDraft(this.#key)
    const texts: [string, unknown][] = typeof kept === 'object' && kept !== null ? Object.entries(kept) : []
    return new Map(texts.filter((one): one is [string, string] => typeof one[1] === 'string'))
  }

  #set(change: Record<string, string | null>): void {
    const texts = this.#texts()
    for (const [name, text] of Object.entries(change)) {
      if (text === null) texts.delete(name)
      else texts.set(name, text)
    }
    const isStored = keepDraft(this.#key, texts.size === 0 ? null : Object.fromEntries(texts))
    this.#unstored = isStored ? null : texts
  }
}

/** The description was once the only field: its opened text still has the name from that time. */
function openedOf(name: string): string {
  return name === 'body' ? 'opened' : `${name}/opened`
}
