import type { LogEvent } from '../../formats/log-line.ts'
import { eventSegments, type Tone } from '../../formats/log-words.ts'
import { type Piece, pieces } from './ansi.ts'

const CLASSES: Readonly<Record<Tone, string>> = {
  plain: '',
  dim: 'ansi-faint',
  strong: 'ansi-bold',
  call: 'ansi-cyan-fg',
  good: 'ansi-green-fg',
  warn: 'ansi-yellow-fg',
  bad: 'ansi-red-fg',
  added: 'ansi-green-bg',
  removed: 'ansi-red-bg',
}

/**
 * @param longest the most characters to return
 * @returns an event as pieces of text with class names, including colours that the worker set, and the number of
 *   characters left out
 */
export function eventPieces(event: LogEvent, longest: number): { parts: Piece[]; left: number } {
  const parts: Piece[] = []
  let room = longest
  let left = 0
  for (const { text, tone } of eventSegments(event)) {
    const shown = text.slice(0, room)
    left += text.length - shown.length
    room -= shown.length
    if (shown === '') continue
    const toned = pieces(shown).map((piece) => ({
      ...piece,
      classes: [CLASSES[tone], piece.classes].filter(Boolean).join(' '),
    }))
    parts.push(...toned)
  }
  return { parts, left }
}
