import { StringDecoder } from 'node:string_decoder'
import { controlAt, isControl } from '../../../formats/controls.ts'

/**
 * A sequence that does not end within this many characters is shown as text, so that output is not withheld forever.
 */
const LONGEST_PENDING = 64 * 1024
const RESET = '\u001b[0m'
/** They change the direction of the text after them. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * Makes a worker's bytes safe for a terminal. Colours and carriage returns stay; every other control sequence is
 * removed, because it could set the clipboard or the title, move the cursor, or make the terminal answer as if the user
 * had typed. The log may come in pieces that end within a character or a sequence.
 */
export class TerminalBytes {
  readonly #decoder = new StringDecoder('utf8')
  #pending = ''
  #isStyled = false

  /** @returns the text that is complete now, ready to print */
  put(bytes: Uint8Array): string {
    return this.#neutralise(this.#pending + this.#decoder.write(Buffer.from(bytes)), false)
  }

  /** @returns the rest, and a reset of colours that the worker left on */
  end(): string {
    const rest = this.#neutralise(this.#pending + this.#decoder.end(), true)
    return this.#isStyled ? rest + RESET : rest
  }

  #neutralise(text: string, isLast: boolean): string {
    const parts: string[] = []
    let from = 0
    this.#pending = ''
    for (let at = 0; at < text.length;) {
      if (!isControl(text.charCodeAt(at))) {
        at++
        continue
      }
      const { kind, end, isOpen } = controlAt(text, at)
      parts.push(text.slice(from, at))
      from = end
      if (isOpen && !isLast && text.length - at < LONGEST_PENDING) {
        this.#pending = text.slice(at)
        return this.#joined(parts, '')
      }
      if (kind === 'style') {
        this.#isStyled = true
        // Written as ESC [, also if it came as the C1 character.
        parts.push(`\u001b[${text.slice(at + (text[at] === '\u001b' ? 2 : 1), end)}`)
      } else if (text[at] === '\r') parts.push('\r')
      at = end
    }
    return this.#joined(parts, text.slice(from))
  }

  #joined(parts: readonly string[], rest: string): string {
    return (parts.join('') + rest).replace(TURNS, '\ufffd')
  }
}
