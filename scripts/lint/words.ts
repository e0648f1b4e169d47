// A short list of phrases that are not idiomatic technical English, for comments, docs, messages and test names. It
// catches only the worst; the author must check that one reading is enough.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** A phrase, and what to write instead. */
interface Phrase {
  phrase: RegExp
  instead: string
}

export const PHRASES: readonly Phrase[] = [
  { phrase: /\banew\b/gi, instead: 'again' },
  { phrase: /\bso many\b/gi, instead: 'name the number' },
  { phrase: /\bthat many\b/gi, instead: 'name the number' },
  { phrase: /\bwhoever\b/gi, instead: 'name who: the caller, the user, the process that …' },
  { phrase: /\bsomebody\b/gi, instead: 'name who: a person, another process' },
  { phrase: /\bof which\b/gi, instead: 'two sentences, or “whose”' },
  {
    phrase: /\b(?:is|are|was|were|been|being) told\b/gi,
    instead: 'say who tells: “we report …”; or “knows”, “learns”',
  },
  {
    phrase: /(?<!\bthere )\b(?:is|are|was|were) no\b(?! (?:longer|more than)\b)/gi,
    instead: 'is not a …, has no …, cannot',
  },
  { phrase: /\b(?:goes|go|went|going) on\b/gi, instead: 'continues, happens, runs' },
  { phrase: /\bwe shall\b/gi, instead: 'we will, or the present tense' },
  { phrase: /\b(?:hears?|heard) of\b/gi, instead: 'learns, receives, is notified' },
  { phrase: /\bseen to\b/gi, instead: 'handled' },
  { phrase: /\bsee it through\b/gi, instead: 'finish' },
  { phrase: /\bmakes of\b/gi, instead: 'converts … into' },
  // Without “of” it is a term: an item of a map step is let go.
  { phrase: /\b(?:lets?|letting) go of\b/gi, instead: 'releases, stops watching' },
  { phrase: /\bis of\b/gi, instead: 'belongs to' },
]

/** This list and its test contain every phrase, and a released migration never changes. */
const EXEMPT = /^(?:scripts\/lint\/words|migrations\/)/
const READ = /\.(?:[cm]?[jt]s|svelte|css|html|md|yml)$|^bin\//

/** How many phrases each folder may still contain. The numbers may only get lower. */
const LEFT = 'scripts/lint/words-left.json'

export interface Found {
  file: string
  line: number
  phrase: string
  instead: string
}

/** @returns each listed phrase in a text, including phrases that are split over two lines of a comment */
export function findPhrases(file: string, text: string): Found[] {
  // Replaces characters one for one, so that positions in this text match those in the file.
  const joined = text.replace(/\n[ \t]*(?:\/\/|\*|--|>)?[ \t]*/g, (end) => ' '.repeat(end.length))
  const spaced = (phrase: RegExp) => new RegExp(phrase.source.replaceAll(' ', ' +'), phrase.flags)
  return PHRASES.flatMap(({ phrase, instead }) =>
    [...joined.matchAll(spaced(phrase))].map((match) => ({
      file,
      line: text.slice(0, match.index).split('\n').length,
      phrase: match[0].replace(/ +/g, ' '),
      instead,
    })),
  )
}

/** @returns the part of the project that a file belongs to: its top-level folder, or `.` */
export function partOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '.'
}

/**
 * @param left how many phrases each part may contain; parts that are not listed may contain none
 * @returns the phrases of every part that exceeds its number
 */
function tooMany(found: readonly Found[], left: Readonly<Record<string, number>>): Found[] {
  const counts = countOf(found)
  return found.filter(({ file }) => (counts[partOf(file)] ?? 0) > (left[partOf(file)] ?? 0))
}

function countOf(found: readonly Found[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { file } of found) counts[partOf(file)] = (counts[partOf(file)] ?? 0) + 1
  return counts
}

/** @returns the numbers, each lowered to what was found; none is raised */
export function lowered(
  found: readonly Found[],
  left: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts = countOf(found)
  return Object.fromEntries(
    Object.entries(left)
      .map(([part, most]) => [part, Math.min(most, counts[part] ?? 0)] as const)
      .filter(([, most]) => most > 0),
  )
}

function readSources(): Found[] {
  const files = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  }).split('\0')
  return files
    .filter((file) => READ.test(file) && !EXEMPT.test(file) && existsSync(file))
    .flatMap((file) => findPhrases(file, readFileSync(file, 'utf8')))
}

/** @returns what to print for each part that exceeds its number: its phrases, or how to list them if there are many */
export function complaints(found: readonly Found[], left: Readonly<Record<string, number>>): string[] {
  const counts = countOf(found)
  const lines = tooMany(found, left).map((each) => {
    const [part, most] = [partOf(each.file), left[partOf(each.file)] ?? 0]
    if (most === 0) return inOneLine(each)
    return `${part}: ${counts[part] ?? 0} phrases, at most ${most} are left from before. See \`node scripts/lint/words.ts --list\`.`
  })
  return [...new Set(lines)]
}

function inOneLine({ file, line, phrase, instead }: Found): string {
  return `${file}:${line}: “${phrase}”; better: ${instead}`
}

if (import.meta.main) {
  const found = readSources()
  const left = JSON.parse(readFileSync(LEFT, 'utf8')) as Record<string, number>
  if (process.argv.includes('--lower')) {
    writeFileSync(LEFT, `${JSON.stringify(lowered(found, left), null, 2)}\n`)
  } else if (process.argv.includes('--list')) {
    console.log(found.map(inOneLine).join('\n'))
  } else {
    const lines = complaints(found, left)
    if (lines.length > 0) console.error(lines.join('\n'))
    process.exitCode = lines.length === 0 ? 0 : 1
  }
}
