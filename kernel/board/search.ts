import type { Reader } from '../db/connection.ts'
import * as search from '../tables/search.ts'
import type { SearchWord } from '../tables/search.ts'

/** Text that the index has tokens for; anything else (`++`, an emoji alone) matches nothing. */
const HAS_TOKEN = /[\p{L}\p{N}\p{Co}]/u

/**
 * @param text as a person typed it
 * @returns its words, each as a phrase in which no character acts as syntax
 */
export function searchWords(text: string): SearchWord[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((word) => HAS_TOKEN.test(word))
    .map((word) => ({ word: word.toLowerCase(), match: `"${word.replaceAll('"', '""')}"*` }))
}

/**
 * Finds the tasks that contain every word of a text, each at least as the beginning of a word.
 *
 * @returns their ids; null for a blank text, which does not filter
 */
export function searchTasks(reader: Reader, text: string | undefined): string[] | null {
  if (text === undefined || text.trim() === '') return null
  const words = searchWords(text)
  if (words.length === 0) return []
  return reader.all(search.matching, { words: JSON.stringify(words) }).map((row) => row.id)
}
