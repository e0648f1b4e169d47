/** What the live region says. The same words twice are said twice. */
class Announcer {
  text = $state('')
  #again = false

  say(text: string): void {
    this.#again = !this.#again
    this.text = this.#again ? text : `${text}\u00a0`
  }
}

export const announcer = new Announcer()

/** Says something to a screen reader, without showing it. */
export function announce(text: string): void {
  announcer.say(text)
}
