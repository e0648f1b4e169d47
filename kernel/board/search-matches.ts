import type { SearchMatch } from '../../contract/index.ts'
import { withoutMarks } from '../../formats/markdown-text.ts'
import type { Reader } from '../db/connection.ts'
import * as search from '../tables/search.ts'
import { searchWords } from './search.ts'

/** One word, as the tokenizer of the index (unicode61) splits text. */
const TOKEN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu
/** Maximum characters of a text that a match shows, and how many of them come before the first mark. */
const SHOWN = 160
const BEFORE = 40
/** Maximum matches shown of one task, besides its title and id. */
const OTHERS = 2
/** Maximum marks examined in one text. */
const MOST_MARKS = 200
/** The places whose text is Markdown. */
const MARKDOWN: readonly SearchMatch['found_in'][] = ['body', 'comment', 'summary']
/** The longest title that is shown whole. */
const WHOLE = 500

interface Token {
  from: number
  to: number
  folded: string
}

/** Compares words as the index does: without case and diacritics. */
const fold = (word: string): string => word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

function tokensOf(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((found) => ({
    from: found.index,
    to: found.index + found[0].length,
    folded: fold(found[0]),
  }))
}

/** A place in a text where a typed word occurs, and the index of that word. */
interface Mark {
  from: number
  to: number
  word: number
}

/** @returns the places of all words in a text, ascending */
function marksIn(text: string, words: readonly (readonly string[])[]): Mark[] {
  const tokens = tokensOf(text)
  const marks = tokens.flatMap((token, at) =>
    words.flatMap((parts, word): Mark[] => {
      const isHere = parts.every((part, offset) => {
        const found = tokens[at + offset]?.folded
        return offset === parts.length - 1 ? found?.startsWith(part) === true : found === part
      })
      if (parts.length === 0 || !isHere) return []
      return [{ from: token.from, to: tokens[at + parts.length - 1]?.to ?? token.to, word }]
    }),
  )
  return marks.slice(0, MOST_MARKS)
}

/** @returns how many different words have marks in the part of the text that is shown from a mark on */
function wordsAfter(marks: readonly Mark[], first: number): number {
  const start = marks[first]?.from ?? 0
  const near = marks.slice(first).filter(({ to }) => to - start <= SHOWN - BEFORE)
  return new Set(near.map(({ word }) => word)).size
}

/** @returns the part of a text with the most different words, and the marks within it */
function cut(text: string, marks: readonly Mark[]): Pick<SearchMatch, 'text' | 'marks'> {
  const best = marks.reduce(
    (most, _, index) => (wordsAfter(marks, index) > wordsAfter(marks, most) ? index : most),
    0,
  )
  const around = Math.max(0, (marks[best]?.from ?? 0) - BEFORE)
  // Begins with a whole word, which also never cuts a character in two.
  const from =
    around === 0 ? 0 : (tokensOf(text.slice(around, marks[best]?.from))[1]?.from ?? BEFORE) + around
  const last = tokensOf(text.slice(from, from + SHOWN)).at(-1)
  const to =
    text.length - from <= SHOWN
      ? text.length
      : from + Math.max(last?.from ?? 0, (marks[best]?.to ?? 0) - from)
  const lead = from === 0 ? '' : '…'
  const shift = lead.length - from
  return {
    text: `${lead}${text.slice(from, to).replace(/\s/g, ' ').trimEnd()}${to === text.length ? '' : '…'}`,
    marks: marks
      .filter((mark) => mark.from >= from && mark.to <= to)
      .map((mark) => [mark.from + shift, mark.to + shift]),
  }
}

/**
 * Finds the words of a search in a task: in its id, in its title, and in the texts with the most different words. Returns
 * nothing when the words are only in comments and runs too old, or in parts of texts too far back, to be read here.
 */
export function matchesOf(read: Reader, id: string, searched: string): SearchMatch[] {
  const typed = searchWords(searched)
  const words = typed.map(({ word }) => tokensOf(word).map(({ folded }) => folded))
  const found = read.all(search.texts, { id }).flatMap(({ text, ...place }) => {
    const plain = MARKDOWN.includes(place.found_in) ? withoutMarks(text) : text
    const marks = marksIn(plain, words)
    if (marks.length > 0) return [{ ...place, text: plain, marks }]
    // The words may be only in what is not shown, such as the address of a link.
    const hidden = plain === text ? [] : marksIn(text, words)
    return hidden.length === 0 ? [] : [{ ...place, text, marks: hidden }]
  })
  const ids = typed.filter(({ word }) => id.startsWith(word) || id.startsWith(`t_${word}`))
  const [longest] = ids
    .map(({ word }) => (id.startsWith(word) ? word.length : word.length + 2))
    .sort((a, b) => b - a)
  const count = (marks: readonly Mark[]) => new Set(marks.map(({ word }) => word)).size
  const title = found.filter(({ found_in }) => found_in === 'title')
  const others = found
    .filter(({ found_in }) => found_in !== 'title')
    .sort((a, b) => count(b.marks) - count(a.marks))
    .slice(0, OTHERS)
  return [
    ...(longest === undefined
      ? []
      : [
          {
            task_id: id,
            found_in: 'id' as const,
            attempt: null,
            outcome: null,
            text: id,
            marks: [[0, longest] as [number, number]],
          },
        ]),
    ...[...title, ...others].map(({ found_in, attempt, outcome, text, marks }) => ({
      ...{ task_id: id, found_in, attempt, outcome },
      ...(found_in === 'title' && text.length <= WHOLE
        ? { text, marks: marks.map(({ from, to }): [number, number] => [from, to]) }
        : cut(text, marks)),
    })),
  ]
}
