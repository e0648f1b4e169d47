import type { ChangedFile } from '../../../contract/index.ts'
import { WorkerThread } from '../../shared/worker-thread.ts'
import type { Language } from './languages.ts'
import type { Token } from './syntax.ts'

type Line = ChangedFile['hunks'][number]['lines'][number]

export interface ColourQuestion {
  lines: readonly Pick<Line, 'kind' | 'text'>[]
  language: Language
}

/** A hunk whose colours take longer, in milliseconds, is shown without. */
const LIMIT = 5_000

/** Colours are found in a thread: a long hunk would block the page, and a worker chose the text that the grammar reads. */
const thread = new WorkerThread<ColourQuestion, string[]>(
  () => new Worker(new URL('./syntax-worker.ts', import.meta.url), { type: 'module' }),
  LIMIT,
)

/** The colours of a hunk's lines. The tokens of a line are read when they are asked for: a long hunk has many. */
export class Colours {
  readonly #lines: readonly string[]

  /** @param lines the tokens of each line, as JSON */
  constructor(lines: readonly string[]) {
    this.#lines = lines
  }

  /** @returns the tokens of a line by its index */
  of(at: number): Token[] | undefined {
    const line = this.#lines[at]
    return line === undefined ? undefined : (JSON.parse(line) as Token[])
  }
}

/** @returns the colours of a hunk; null if they could not be found. Never rejects. */
export async function coloursOf(lines: readonly Line[], language: Language): Promise<Colours | null> {
  const found = await thread.ask({ lines: lines.map(({ kind, text }) => ({ kind, text })), language })
  return found === null ? null : new Colours(found)
}
