import { StringDecoder } from 'node:string_decoder'
import { controlAt, isControl } from '../../../formats/controls.ts'

/** A sequence whose end does not come within so many characters is shown as text, so that nothing waits for ever. */
const LONGEST_PENDING = 64 * 1024
const RESET = '\u001b[0m'
/** They turn the direction of what follows them. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g

/**
 * Makes the bytes of a worker safe for a terminal: colours stay, and so does a carriage return; every other control
 * sequence goes, because it could set the clipboard or the title, move the cursor, or make the terminal answer as if a
 * person had typed. For a log that comes in pieces, which may end within a character or a sequence.
 */
export class TerminalBytes {
  readonly #decoder = new StringDecoder('utf8')
  #pending = ''
  #isStyled = false

  /** @returns what to print of the text that is whole now */
  put(bytes: Uint8Array): string {
    return this.#neutralise(this.#pending + this.#decoder.write(Buffer.from(bytes)), false)
  }

  /** @returns the rest, and the end of the colours that the worker left on */
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
        // As ESC [, also where it came as one character of C1.
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
