import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'

/** What was typed and not sent. It outlives the drawer and a reload, so that a look at another task costs nobody a text. */
export class Drafts {
  readonly #key: string
  readonly #texts: { comment: string; answer: string; body: string | null; opened: string | null }

  /** @param key the task's */
  constructor(key: string) {
    this.#key = `task/${key}`
    const kept = keptDraft(this.#key)
    const texts: Record<string, unknown> = typeof kept === 'object' && kept !== null ? { ...kept } : {}
    const text = (name: string) => (typeof texts[name] === 'string' ? texts[name] : null)
    this.#texts = {
      comment: text('comment') ?? '',
      answer: text('answer') ?? '',
      body: text('body'),
      opened: text('opened'),
    }
  }

  get comment(): string {
    return this.#texts.comment
  }

  set comment(text: string) {
    this.#texts.comment = text
    this.#keep()
  }

  get answer(): string {
    return this.#texts.answer
  }

  set answer(text: string) {
    this.#texts.answer = text
    this.#keep()
  }

  /** null while the text is not being edited. */
  get body(): string | null {
    return this.#texts.body
  }

  set body(text: string | null) {
    this.#texts.body = text
    this.#keep()
  }

  /** The text that editing began with; null where it is not known. */
  get opened(): string | null {
    return this.#texts.opened
  }

  set opened(text: string | null) {
    this.#texts.opened = text
    this.#keep()
  }

  #keep(): void {
    const { comment, answer, body } = this.#texts
    keepDraft(this.#key, comment === '' && answer === '' && body === null ? null : this.#texts)
  }
}
