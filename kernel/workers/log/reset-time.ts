import { DAY, DURATION_UNIT, durationIn, SECOND } from '../../../formats/time.ts'

/**
 * When a rate limit ends, in the words of tools. Seen in their bug reports: “resets 2:30pm (Pacific/Auckland)”,
 * “resets Jan 30, 11:30am (Asia/Calcutta)” (anthropics/claude-code 77978, 21562), “try again in 5 days 22 hours 11
 * minutes”, “try again at Jul 5th, 2026 8:19 PM” (openai/codex 3899, 26668), “resets at 10:57 PM GMT-3”
 * (google-gemini/gemini-cli 22643); in server responses: `"retryDelay": "41s"` (Google), `retry-after` and
 * `x-ratelimit-reset-requests: 6m0s` headers.
 */

/** A reset time as it was found. */
export interface Reset {
  /** Milliseconds since the epoch, after now; null if no time was given, or one that cannot be right. */
  at: number | null
  /** The text of a time that cannot be right, because it lies too far ahead. */
  refused: string | null
}

/** No limit lasts longer than a month; a longer one was misread. */
export const LONGEST_RESET_MS = 32 * DAY

// Workers can write anything. Everything is cut to these lengths before it is matched, and each expression below
// takes linear time.
const LONGEST_LINE = 1_000
const MOST_LINES = 100
const MOST_PLACES = 20
const LONGEST_PHRASE = 80
/** Parsing a phrase takes a millisecond. */
const MOST_PHRASES = 40

const PART = String.raw`\d{1,9}(?:\.\d{1,9})?\s?(?:${DURATION_UNIT})(?![a-z])[\s,]{0,3}(?:and\s)?`
const DURATION = new RegExp(
  String.raw`^(?:in\s)?(?:about\s|approximately\s|around\s|less than\s|~\s?)?((?:${PART}){1,6})`,
  'i',
)

/** `"resets_at":1795400000`, `retryDelay: "41s"`, `x-ratelimit-reset-tokens: 6m0s`, `Retry-After=120`. */
const KEYED =
  /(?<![a-z_-])["']?((?:[a-z]{1,20}[_-]){0,4}(?:retry[_-]?(?:after|delay|in)|resets?)(?:[_-]?[a-z]{1,12}){0,3})["']{0,2}\s{0,3}[:=]\s{0,3}["']?([^"'}\n]{1,80})/gi
const SAID =
  /\b(?:resets?|tr(?:y|ying)[ -]again|retry(?:ing)?[ -](?=after|in|at)|wait|available(?: again)?)\b\s{0,3}:?\s{0,3}(?:(?:after|at|on|for|until|around)\s)?/gi
const AFTER_BAR = /\|(\d{10}|\d{13})(?!\d)/

type Words = (phrase: string, now: number) => number | null

/**
 * Finds out when a rate limit ends, if the tool said so. The last of several times counts.
 *
 * @param texts the end of its output, or the text of its last error
 * @param now milliseconds since the epoch
 * @param zone of this machine; undefined asks the system
 */
export async function readReset(texts: readonly string[], now: number, zone?: string): Promise<Reset> {
  // Parsing times in words needs a library that nothing else uses: it is loaded when a limit is hit.
  const { readWords } = await import('./reset-words.ts')
  let phrases = 0
  const words: Words = (phrase, at) => (phrases++ < MOST_PHRASES ? readWords(phrase, at, zone) : null)
  let refused: string | null = null
  for (const line of linesFromEnd(texts)) {
    for (const { at, said } of momentsIn(line, now, words)) {
      if (at > now && at <= now + LONGEST_RESET_MS) return { at, refused: null }
      if (at > now) refused ??= said
    }
  }
  return { at: null, refused }
}

function linesFromEnd(texts: readonly string[]): string[] {
  const ends = texts.map((text) =>
    text
      .slice(-LONGEST_LINE * MOST_LINES)
      .split('\n')
      .slice(-MOST_LINES),
  )
  return ends
    .flat()
    .reverse()
    .slice(0, MOST_LINES)
    .map((line) => line.slice(0, LONGEST_LINE))
}

interface Found {
  at: number
  said: string
}

function momentsIn(line: string, now: number, words: Words): Found[] {
  const epoch = AFTER_BAR.exec(line)?.[1]
  if (epoch !== undefined) return [{ at: epochMs(epoch), said: epoch }]
  const keyed = places(line, KEYED).map((found) => {
    const [key = '', value = ''] = found.slice(1)
    return { said: found[0], at: valueOf(key, value.trim(), now, words) }
  })
  const said = places(line, SAID).map((found) => {
    const phrase = line.slice(found.index + found[0].length).slice(0, LONGEST_PHRASE)
    return { said: found[0] + phrase, at: phraseOf(phrase, now, words) }
  })
  return [...keyed, ...said].flatMap(({ at, said }) =>
    at === null || Number.isNaN(at) ? [] : [{ at, said: said.trim().slice(0, LONGEST_PHRASE) }],
  )
}

function places(line: string, expression: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = []
  for (const match of line.matchAll(expression)) {
    found.push(match)
    if (found.length === MOST_PLACES) break
  }
  return found
}

function valueOf(key: string, value: string, now: number, words: Words): number | null {
  const number = /^\d{1,13}(?:\.\d{1,9})?(?![\w.:-])/.exec(value)?.[0]
  if (number === undefined) return phraseOf(value, now, words)
  if (Number(number) >= 1e9) return epochMs(number)
  return now + Number(number) * (/[_-]?(?:ms|millis)$/i.test(key) ? 1 : 1000)
}

/** Seconds have ten digits from 2001 to 2286, milliseconds thirteen. */
function epochMs(digits: string): number {
  const number = Number(digits)
  return number < 1e11 ? number * SECOND : number
}

const ISO = /^["']?(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:Z|[+-]\d{2}:?\d{2}))/
const HTTP_DATE = /^["']?((?:mon|tue|wed|thu|fri|sat|sun),\s\d{1,2}\s\w{3}\s\d{4}\s\d{2}:\d{2}:\d{2}\sGMT)/i
const EPOCH = /^\(?(\d{13}|\d{10}(?:\.\d{1,9})?)(?![\w:-])/
/** `retry after 90`; a number followed by other text is not a number of seconds. */
const SECONDS = /^(\d{1,9}(?:\.\d{1,9})?)\s*(?:["')\]}.,;]|$)(?!\d)/

/** “A few” is read as five: a retry that is too early costs an attempt. */
const COUNTS: Readonly<Record<string, string>> = {
  an: '1',
  a: '1',
  one: '1',
  'a couple of': '2',
  'a few': '5',
}
const COUNTED = new RegExp(
  String.raw`^((?:in\s)?(?:about\s|less than\s)?)(a couple of|a few|an|a|one)\s(?=(?:${DURATION_UNIT})\b)`,
  'i',
)

function phraseOf(phrase: string, now: number, words: Words): number | null {
  const text = phrase
    .replace(/^[\s"':·(=-]{1,8}/, '')
    .replace(COUNTED, (_, before: string, count: string) => `${before}${COUNTS[count.toLowerCase()] ?? ''} `)
  const dated = ISO.exec(text)?.[1] ?? HTTP_DATE.exec(text)?.[1]
  if (dated !== undefined) return Date.parse(dated.replace(/^(\S+) (?=\d)/, '$1T').replace(/ (?=Z|[+-])/, ''))
  const epoch = EPOCH.exec(text)?.[1]
  if (epoch !== undefined) return epochMs(epoch)
  const said = DURATION.exec(text)?.[1]
  const duration = said === undefined ? null : durationIn(said.replace(/[\s,]{0,3}(?:and\s)?$/i, ''))
  if (duration !== null) return now + duration
  const seconds = SECONDS.exec(text)?.[1]
  if (seconds !== undefined) return now + Number(seconds) * SECOND
  return /[a-z]|:/i.test(text) ? words(text, now) : null
}
