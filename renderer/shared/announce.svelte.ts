/** The text of the live region. The same text twice is announced twice. */
class Announcer {
  text = $state('')
  #again = false

  say(text: string): void {
    this.#again = !this.#again
    this.text = this.#again ? text : `${text}\u00a0`
  }
}

export const announcer = new Announcer()

/** Announces a text to screen readers, without showing it. */
export function announce(text: string): void {
  announcer.say(text)
}
