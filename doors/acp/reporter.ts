import type { AcpLine, AcpPlanEntry } from '../../formats/acp-lines.ts'
import { type Json, numberOrNull, object, objects, textOrNull, word } from '../../formats/json.ts'
import { cutJson, onOneLine } from '../../formats/log-part.ts'
import { ToolCalls } from './tool-calls.ts'

/** The longest delay until a text that has begun is in the log, in milliseconds. Short: people follow the log live. */
const SHOWN_AFTER_MS = 1_000
/** A longer text is written in parts of this size, in characters. */
const LONGEST_PART = 8_000
/** How much of one message or thought goes into the log, in characters. */
const LONGEST_TEXT = 64_000

type TextKind = 'said' | 'thought'

/** A message that the agent sends in pieces. */
interface OpenText {
  kind: TextKind
  message: unknown
  text: string
  /** The characters received so far. */
  size: number
  /** Whether a part of the text is in the log. */
  begun: boolean
  /** Its size when the timer last ran. */
  seen: number
}

/** Updates that say nothing to a reader of the log. */
const SILENT: readonly string[] = [
  'user_message_chunk',
  'available_commands_update',
  'config_option_update',
  'session_info_update',
]

/** A smaller change of the context gets no line, in tokens. Agents report it with every request. */
const CONTEXT_STEP = 5_000

/** Turns the updates of an agent into the lines of the log: pieces of a message are joined, calls merged by their id. */
export class Reporter {
  readonly calls: ToolCalls
  readonly #write: (line: AcpLine) => void
  #open: OpenText | null = null
  #timer: NodeJS.Timeout | null = null
  #plan = ''
  /** The use of the context that the log has. */
  #context: number | null = null
  readonly #unknown = new Set<string>()

  constructor(write: (line: AcpLine) => void) {
    this.#write = write
    this.calls = new ToolCalls((line) => {
      this.#endText()
      write(line)
    })
  }

  update(update: Json): void {
    const kind = word(update['sessionUpdate'])
    switch (kind) {
      case 'agent_message_chunk':
        return this.#text('said', update)
      case 'agent_thought_chunk':
        return this.#text('thought', update)
      case 'tool_call':
      case 'tool_call_update':
        this.calls.put(update)
        return this.#soon()
      case 'plan':
        return this.#putPlan(update['entries'])
      case 'current_mode_update':
        return this.line({ acp: 'note', text: `mode ${word(update['currentModeId'])}` })
      case 'usage_update':
        return this.#putContext(update)
      case 'notice':
        return this.line({ acp: 'note', text: noticeText(update) })
      default:
        if (!SILENT.includes(kind)) this.#putUnknown(kind, update)
    }
  }

  /** Writes a line of the bridge's own, after what the agent has said so far. */
  line(line: AcpLine): void {
    this.flush()
    this.#write(line)
  }

  flush(): void {
    this.#endText()
    this.calls.flush()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #text(kind: TextKind, { content, messageId }: Json): void {
    const block = object(content)
    const text = textIn(block)
    if (text === '') return
    if (this.#open?.kind !== kind || this.#open.message !== messageId) this.#endText()
    this.calls.flush()
    this.#open ??= { kind, message: messageId, text: '', size: 0, begun: false, seen: -1 }
    const open = this.#open
    const room = Math.max(0, LONGEST_TEXT - open.size)
    open.size += text.length
    open.text += text.slice(0, room)
    while (open.text.length > LONGEST_PART) this.#writePart(open, open.text.slice(0, LONGEST_PART))
    this.#soon()
  }

  #writePart(open: OpenText, part: string): void {
    open.text = open.text.slice(part.length)
    this.#write({ acp: open.kind, text: part, ...(open.begun && { continues: true }) })
    open.begun = true
  }

  #endText(): void {
    const open = this.#open
    this.#open = null
    if (open === null) return
    const left = open.size - LONGEST_TEXT
    if (left > 0) open.text += `\n[${left} more characters are left out]`
    if (open.begun ? open.text !== '' : open.text.trim() !== '') this.#writePart(open, open.text)
  }

  /** Writes what is pending soon: of a text that still grows, the complete lines; of a text that has paused, all. */
  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.calls.flush()
      if (this.#open === null) return
      this.#showOpen(this.#open)
      if (this.#open.text !== '') this.#soon()
    }, SHOWN_AFTER_MS)
  }

  #showOpen(open: OpenText): void {
    const end = open.seen === open.size ? open.text.length : open.text.lastIndexOf('\n') + 1
    open.seen = open.size
    if (end > 0 && open.text.slice(0, end).trim() !== '') this.#writePart(open, open.text.slice(0, end))
  }

  #putPlan(entries: unknown): void {
    const plan = objects(entries).map(planEntry)
    // Agents send the whole plan each time.
    const text = JSON.stringify(plan)
    if (text === this.#plan) return
    this.#plan = text
    this.line({ acp: 'plan', entries: plan })
  }

  #putContext(update: Json): void {
    const used = numberOrNull(update['used'])
    if (used === null || used <= 0) return
    if (this.#context !== null && Math.abs(used - this.#context) < CONTEXT_STEP) return
    this.#context = used
    // A text that the agent is saying continues after it.
    const size = numberOrNull(update['size'])
    this.#write({ acp: 'context', used, size: size !== null && size > 0 ? size : null })
  }

  /** Notes the first update of an unknown kind. More may come with each piece of a text, and would fill the log. */
  #putUnknown(kind: string, update: Json): void {
    if (this.#unknown.has(kind) || this.#unknown.size >= 100) return
    this.#unknown.add(kind)
    const { sessionUpdate: _kind, ...rest } = update
    this.line({ acp: 'note', text: onOneLine(`${kind} ${cutJson(rest)}`, 300) })
  }
}

function textIn(block: Json): string {
  if (typeof block['text'] === 'string') return block['text']
  const type = textOrNull(block['type'])
  return type === null ? '' : `[${type}]`
}

function planEntry({ content, status }: Json): AcpPlanEntry {
  const known = status === 'in_progress' || status === 'completed' ? status : 'pending'
  return { content: onOneLine(word(content ?? ''), 300), status: known }
}

function noticeText({ title, description, severity }: Json): string {
  const texts = [textOrNull(title), textOrNull(description)].filter((text) => text !== null)
  return onOneLine(`${word(severity ?? 'notice')}: ${texts.join(': ')}`, 500)
}
