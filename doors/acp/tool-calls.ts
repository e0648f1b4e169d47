import type { AcpDiff, AcpLine } from '../../formats/acp-lines.ts'
import { type Json, object, objects, textOrNull, word } from '../../formats/json.ts'
import { contentText, essence, onOneLine } from '../../formats/log-part.ts'
import { changedLines } from './changed-lines.ts'
import { cutMiddle, LONGEST_OUTPUT } from './cut-text.ts'

/** What we know of a call. An agent describes it in several updates, under one id. */
interface Call {
  id: string
  title: string | null
  name: string | null
  kind: string | null
  status: string
  input: Json
  output: unknown
  content: Json[]
  paths: string[]
  /** The lines about it that the log has. */
  written: { call: boolean; result: boolean }
}

/** More calls than any turn has open at once. Older ones are forgotten, so that an agent cannot fill the memory. */
const MOST_CALLS = 500
const MOST_DIFFS = 20
const MOST_PATHS = 20

const OVER: readonly string[] = ['completed', 'failed']

/** @returns the name of the called tool; Qwen Code gives it in `_meta`. null if the agent does not say */
export function toolName(call: Json): string | null {
  return textOrNull(call['name']) ?? textOrNull(object(call['_meta'])['toolName'])
}

/** Merges the updates about each tool call into two lines: its start, and its result. */
export class ToolCalls {
  readonly #calls = new Map<string, Call>()
  readonly #write: (line: AcpLine) => void

  constructor(write: (line: AcpLine) => void) {
    this.#write = write
  }

  /** Takes the fields of `tool_call`, `tool_call_update`, or of the call that a permission is asked for. */
  put(update: Json): void {
    const id = word(update['toolCallId'])
    const call = this.#calls.get(id) ?? this.#add(id)
    call.title = textOrNull(update['title']) ?? call.title
    call.name = toolName(update) ?? call.name
    call.kind = textOrNull(update['kind']) ?? call.kind
    call.status = textOrNull(update['status']) ?? call.status
    const input = object(update['rawInput'])
    if (Object.keys(input).length > 0) call.input = input
    if (update['rawOutput'] !== undefined) call.output = update['rawOutput']
    if (Array.isArray(update['content'])) call.content = objects(update['content'])
    const paths = objects(update['locations']).map(({ path }) => word(path ?? ''))
    if (paths.length > 0) call.paths = paths.slice(0, MOST_PATHS)
    // A pending call often gets its final title with the next update.
    if (call.status !== 'pending') this.#writeCall(call)
    if (OVER.includes(call.status)) this.#writeResult(call)
  }

  /** Writes the calls that have begun and are not in the log yet. */
  flush(): void {
    for (const call of this.#calls.values()) this.#writeCall(call)
  }

  /** @returns what earlier updates said about a call; null for an unknown one */
  facts(id: string): Pick<Call, 'kind' | 'name' | 'input' | 'paths' | 'content'> | null {
    return this.#calls.get(id) ?? null
  }

  #add(id: string): Call {
    const call: Call = {
      id,
      title: null,
      name: null,
      kind: null,
      status: 'pending',
      input: {},
      output: undefined,
      content: [],
      paths: [],
      written: { call: false, result: false },
    }
    this.#calls.set(id, call)
    const [oldest] = this.#calls.keys()
    if (this.#calls.size > MOST_CALLS && oldest !== undefined) this.#calls.delete(oldest)
    return call
  }

  #writeCall(call: Call): void {
    if (call.written.call) return
    call.written.call = true
    const { id, paths } = call
    this.#write({
      acp: 'call',
      id,
      name: nameOf(call),
      text: subjectOf(call),
      ...(paths.length > 0 && { paths }),
    })
  }

  #writeResult(call: Call): void {
    if (call.written.result) return
    call.written.result = true
    const diffs = diffsOf(call.content)
    this.#write({
      acp: 'result',
      id: call.id,
      name: nameOf(call),
      ok: call.status === 'completed',
      text: cutMiddle(outputOf(call), LONGEST_OUTPUT),
      ...(diffs.length > 0 && { diffs }),
    })
    // Free the texts: they may be long, and nothing needs them any more.
    call.content = []
    call.output = undefined
  }
}

function nameOf({ name, kind }: Call): string {
  return onOneLine(name ?? kind ?? 'tool', 80)
}

function subjectOf({ title, name, input }: Call): string {
  // Some agents call a tool by its name only.
  const told = title === null || title === name ? '' : onOneLine(title, 300)
  // Codex puts what an MCP server gets beside the names of the server and the tool.
  const given = typeof input['tool'] === 'string' ? object(input['arguments']) : input
  const subject = Object.keys(given).length === 0 ? '' : essence(given)
  if (told === '') return subject
  return subject === '' || told.includes(subject) ? told : onOneLine(`${told}  ${subject}`, 400)
}

/** The text of the content of a call; where it has none, what the tool itself returned. */
function outputOf({ content, output }: Call): string {
  const shown = content.filter(({ type }) => type === 'content').map(({ content: block }) => block)
  if (shown.length > 0) return contentText(shown)
  if (content.length > 0 || output === undefined || output === null) return ''
  const { output: text, result, content: blocks } = object(output)
  const told = blocks ?? object(result)['content']
  return textOrNull(output) ?? textOrNull(text) ?? (Array.isArray(told) ? contentText(told) : word(output))
}

function diffsOf(content: readonly Json[]): AcpDiff[] {
  return content
    .filter(({ type }) => type === 'diff')
    .slice(0, MOST_DIFFS)
    .map(({ path, oldText, newText }) => ({
      path: word(path ?? ''),
      ...changedLines(textOrNull(oldText) ?? '', textOrNull(newText) ?? ''),
    }))
}
