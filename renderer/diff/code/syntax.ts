import type { HLJSApi } from 'highlight.js'
import type { ChangedFile } from '../../../contract/index.ts'
import { type Language, loadGrammar } from './languages.ts'

type Line = Pick<ChangedFile['hunks'][number]['lines'][number], 'kind' | 'text'>

/** A part of a line with one colour. A worker wrote its text, so it is rendered as text, never as markup. */
export interface Token {
  text: string
  /** `keyword`, `string`, …; null for plain text. */
  kind: string | null
}

/** Longer hunks, in characters, get no colours. */
const LARGEST_HUNK = 200_000

let core: Promise<HLJSApi> | null = null
const loaded = new Map<Language, Promise<void>>()

async function highlighter(language: Language): Promise<HLJSApi> {
  core ??= import('highlight.js/lib/core').then((module) => module.default)
  const hljs = await core
  let ready = loaded.get(language)
  if (ready === undefined) {
    ready = loadGrammar(language).then((grammar) => hljs.registerLanguage(language, grammar))
    loaded.set(language, ready)
  }
  await ready
  return hljs
}

/**
 * Colours the lines of a hunk. The old and the new text are coloured separately, so that a removed line does not affect
 * the lines after it.
 *
 * @returns the tokens of each line, in order
 */
export async function tokensOf(lines: readonly Line[], language: Language): Promise<Token[][]> {
  const size = lines.reduce((sum, { text }) => sum + text.length + 1, 0)
  if (size > LARGEST_HUNK) return lines.map(({ text }) => [{ text, kind: null }])
  const hljs = await highlighter(language)
  const colour = (own: readonly Line[]) => {
    const code = own.map(({ text }) => text).join('\n')
    return readMarkup(hljs.highlight(code, { language, ignoreIllegals: true }).value)
  }
  const before = colour(lines.filter(({ kind }) => kind !== 'added'))
  const after = colour(lines.filter(({ kind }) => kind !== 'removed'))
  let [old, now] = [0, 0]
  return lines.map(({ kind }) => {
    const [was, is] = [before[old] ?? [], after[now] ?? []]
    if (kind !== 'added') old++
    if (kind !== 'removed') now++
    return kind === 'removed' ? was : is
  })
}

const PART = /<span class="([^"]*)">|<\/span>|([^<]+)/g
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" }

/**
 * Reads the markup of highlight.js, which has only spans and escaped text.
 *
 * @returns the tokens of each line
 */
export function readMarkup(markup: string): Token[][] {
  const lines: Token[][] = [[]]
  const open: (string | null)[] = []
  for (const [part, name, escaped] of markup.matchAll(PART)) {
    if (name !== undefined) open.push(/^hljs-([\w-]+)/.exec(name)?.[1] ?? open.at(-1) ?? null)
    else if (part === '</span>') open.pop()
    else {
      const text = (escaped ?? '').replace(
        /&(amp|lt|gt|quot|#x27);/g,
        (_, entity: string) => ENTITIES[entity] ?? '',
      )
      for (const [at, piece] of text.split('\n').entries()) {
        if (at > 0) lines.push([])
        if (piece !== '') lines.at(-1)?.push({ text: piece, kind: open.at(-1) ?? null })
      }
    }
  }
  return lines
}
