import { count } from './count.ts'
import { type Rule, ruleFor, WEIGHT } from './headline-rules.ts'
import { type LogEvent, readLogLine } from './log-line.ts'
import { onOneLine } from './log-part.ts'

/** How many lines before the end are searched. */
export const HEADLINE_LINES = 400
/** Only the start of a longer line is searched, so that the time is bounded for any output. */
const LINE_CHARS = 600
const HEADLINE_CHARS = 300

/** A line that may become the headline. */
interface Candidate {
  rule: Rule
  /** Index of its line. */
  at: number
  text: string
  /** What the following lines may add to it. */
  open: 'text' | 'values' | null
  values: string[]
}

/**
 * The one line that explains a failure: the last of the lines with the highest weight. Lines after it that belong to it
 * (the message below “panicked at”, expected and received values) are appended.
 *
 * @param output the end of what a program wrote, one element per line, without colours
 * @returns null when it has no readable text
 */
export function headline(output: readonly string[], limit = HEADLINE_CHARS): string | null {
  const found = findHeadline(output)
  return found === null ? null : onOneLine(found.text, limit)
}

/** As `headline`, with the index of its first line. */
export function findHeadline(output: readonly string[]): { text: string; at: number } | null {
  const search = new Search()
  const from = Math.max(0, output.length - HEADLINE_LINES)
  for (let at = from; at < output.length; at++) search.put(clean(output[at] ?? ''), at)
  return search.result()
}

/** Removes remains of escape sequences, control characters, and the prefixes of Terraform and Docker. */
function clean(raw: string): string {
  const line = raw.slice(0, LINE_CHARS)
  return (
    line
      // eslint-disable-next-line no-control-regex -- control characters are what this removes
      .replace(/\x1b\[[\d;?]{0,40}[A-Za-z]/g, '')
      // eslint-disable-next-line no-control-regex -- as above
      .replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '')
      .replace(/^[│╷╵] ?|^(?:#\d+ )?\d+\.\d{2,3} (?=\S)/, '')
  )
}

const noiseRule: Rule = { pattern: /^/, weight: WEIGHT.noise }
const causeRule: Rule = { pattern: /^/, weight: WEIGHT.cause }

class Search {
  #best: Candidate | null = null
  /** The last line that has any text. */
  #last: Candidate | null = null
  /** The plain line right before, for lines that only say that a command failed. */
  #before: Candidate | null = null
  /** Inside a Python traceback, npm's error report, or below a heading of Gradle, `dotnet test` or a TAP diagnostic. */
  #block: 'traceback' | 'npm' | 'gradle' | 'message' | null = null

  put(line: string, at: number): void {
    const text = line.trim()
    if (text === '') return
    if (HIDDEN.test(text)) {
      this.#block = null
      return
    }
    if (this.#continue(text, line)) return
    const rule = this.#ruleOf(line, text)
    const candidate: Candidate = { rule, at, text: tidy(text), open: null, values: [] }
    const event = text.startsWith('{') ? readLogLine(text) : null
    if (event?.known === true) candidate.rule = eventRule(event, candidate)
    this.#open(candidate)
    this.#take(candidate)
    this.#last = candidate
    this.#before = candidate.rule.weight === WEIGHT.plain ? candidate : null
  }

  result(): { text: string; at: number } | null {
    const found = this.#best ?? this.#last
    if (found === null) return null
    const values = found.values.length === 0 ? '' : ` (${found.values.join(', ')})`
    return { text: `${found.text.replace(/:$/, '')}${values}`, at: found.at }
  }

  /** A heading decides what the lines below it are; any other line is judged by its own rule. */
  #ruleOf(line: string, text: string): Rule {
    const block = this.#block
    if (/^Traceback \(most recent call last\)/.test(text)) return this.#enter('traceback')
    if (/^\* What went wrong:/.test(text)) return this.#enter('gradle')
    if (/^(?:Error Message:|error: \|-)$/.test(text)) return this.#enter('message')
    if (block === 'traceback') {
      if (/^\s/.test(line)) return noiseRule
      this.#block = null
      return ruleFor(line).weight === WEIGHT.relay ? ruleFor(line) : causeRule
    }
    if (block === 'message') {
      this.#block = null
      return causeRule
    }
    if (block === 'gradle') {
      if (/^\*/.test(text)) this.#block = null
      else return gradleRule(text)
    }
    const rule = ruleFor(line)
    const isNpm = /^npm (?:error|ERR!)/.test(text)
    const saysMore = isNpm && rule.weight > WEIGHT.noise
    if (!isNpm) this.#block = null
    // npm's first line that is more than a field states the error; the others are advice.
    else if (saysMore && block === 'npm') return noiseRule
    else if (saysMore) this.#block = 'npm'
    return rule
  }

  #enter(block: 'traceback' | 'gradle' | 'message'): Rule {
    this.#block = block
    return noiseRule
  }

  /** @returns whether the line continues the candidate before it */
  #continue(text: string, line: string): boolean {
    const candidate = this.#last
    if (candidate === null || candidate.open === null) return false
    const location = /^--> (\S{1,200})$/.exec(text)
    if (location !== null) {
      candidate.values.push(location[1] ?? '')
      candidate.open = null
      return true
    }
    if (VALUES.test(text) && candidate.values.length < 2) {
      candidate.values.push(text.replace(/\s+/g, ' '))
      candidate.open = candidate.values.length === 2 ? null : 'values'
      return true
    }
    if (candidate.open === 'text' && !LEGEND.test(text) && ruleFor(line).weight !== WEIGHT.noise) {
      candidate.text = `${candidate.text.replace(/:$/, '')}: ${tidy(text)}`
      candidate.open = candidate.text.endsWith(':') ? 'text' : 'values'
      return true
    }
    candidate.open = null
    return false
  }

  #open(candidate: Candidate): void {
    if (candidate.rule.weight < WEIGHT.telling) return
    candidate.open = candidate.rule.join === true || candidate.text.endsWith(':') ? 'text' : 'values'
  }

  #take(candidate: Candidate): void {
    const { rule } = candidate
    if (rule.weight < WEIGHT.plain) return
    if (rule.weight === WEIGHT.relay && this.#before !== null) {
      candidate.text = `${this.#before.text} (${candidate.text})`
      candidate.at = this.#before.at
    }
    const best = this.#best
    if (best !== null && rule.weight < best.rule.weight) return
    if (best !== null && rule.first === true && best.rule === rule) return
    this.#best = candidate
  }
}

/** As `hiddenLines` writes it. */
const HIDDEN = /^\[\d+ lines? (?:is|are) not shown\]$/

/** Below a failed assertion: the expected and the actual value. */
const VALUES = /^(?:Expected|Received|Actual|expected|got|left|right)\b[^:]{0,40}:\s*\S/
/** Between a message and its diff. */
const LEGEND = /^(?:[+-] (?:actual|expected)|[-+] (?:Expected|Received)|\+ actual - expected|[{[(]$)/i

/** Removes punctuation before and after the words. */
function tidy(text: string): string {
  return text
    .replace(/^(?:E {2,}|● |npm (?:error|ERR!) +|\[ERROR\] +|✗ )/, '')
    .replace(/^\[cause\]: \[?|^Caused by: /, '')
    .replace(/ \/\/ Object\.is equality$| \/\/ deep equality$/, '')
    .replace(/\s[─━═⎯-]{5,}$/, '')
    .trim()
}

function gradleRule(text: string): Rule {
  const saysLittle = /^> (?:There were failing tests|Compilation failed)/
  if (!text.startsWith('>')) return { pattern: /^/, weight: WEIGHT.telling }
  return { pattern: /^/, weight: saysLittle.test(text) ? WEIGHT.telling : WEIGHT.cause }
}

/** An agent's event, or a line that a program logged as JSON: its words become the candidate's text. */
function eventRule({ parts }: LogEvent, candidate: Candidate): Rule {
  const error = parts.find((part) => part.kind === 'error')
  const end = parts.find((part) => part.kind === 'end')
  const record = parts.find((part) => part.kind === 'record')
  const said = parts.find((part) => part.kind === 'said')
  const of = (text: string, weight: Rule['weight']): Rule => {
    candidate.text = text
    return { pattern: /^/, weight }
  }
  if (error !== undefined) return of(error.text, WEIGHT.cause)
  if (end !== undefined && !end.ok) return of(end.facts[0] ?? 'failed', WEIGHT.telling)
  if (record !== undefined) {
    const words = [record.message, record.rest].filter((part) => part !== '').join('  ')
    const isError = record.level === 'error' || record.level === 'fatal'
    return of(`${record.level.toUpperCase()} ${words}`, isError ? WEIGHT.cause : WEIGHT.noise)
  }
  if (said !== undefined) return of(said.text, WEIGHT.plain)
  return of(candidate.text, WEIGHT.noise)
}

const KEPT = { lines: 30, chars: 6_000 }
/** Counted from the line that explains the failure: its message and its values may be below it. */
const TELLING_LINES = 7

/**
 * What an error keeps of a long output: the last lines, preceded by the line that explains the failure if that is further
 * up.
 *
 * @param output without colours
 * @returns at most 30 lines and about 6,000 characters, longer lines are cut
 */
export function tellingEnd(output: readonly string[]): string[] {
  const found = findHeadline(output)
  const lines = output.map((line) => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS - 1)}…` : line))
  const last = lastWithin(lines, KEPT.lines, KEPT.chars)
  const from = lines.length - last.length
  if (found === null || found.at >= from) return last
  const original = lines.slice(found.at, Math.min(found.at + TELLING_LINES, from))
  // If the line explains the failure only because of the lines around it, keep the text of the headline instead.
  const telling = findHeadline([...original, ...last])?.text === found.text ? original : [found.text]
  const rest = lastWithin(lines, KEPT.lines - telling.length - 1, KEPT.chars - telling.join('\n').length)
  const hidden = lines.length - rest.length - found.at - original.length
  return [...telling, ...(hidden === 0 ? [] : [hiddenLines(hidden)]), ...rest]
}

function hiddenLines(hidden: number): string {
  return `[${count(hidden, 'line is', 'lines are')} not shown]`
}

function lastWithin(lines: readonly string[], count: number, chars: number): string[] {
  let [from, size] = [lines.length, 0]
  while (from > 0 && lines.length - from < count) {
    size += (lines[from - 1] ?? '').length + 1
    if (size > chars && from < lines.length) break
    from--
  }
  return lines.slice(from)
}
