import { thousands } from './count.ts'
/** How much of each part a worker gets, in bytes of UTF-8 or as a count. */
export interface ContextLimits {
  body: number
  /** A summary, an error, metadata, a note, an answer. */
  field: number
  comment: number
  /** The whole context. */
  total: number
}

/** How a worker gets its context: in a file or on stdin, which have room, or as an argument of its command. */
export type ContextWay = 'file' | 'argument'

const KB = 1024

/** Counts. If there are more, the newest are shown. */
export const CONTEXT_COUNTS = { prior_attempts: 10, recent_work: 5, comments: 30 } as const

const IN_A_FILE: ContextLimits = { body: 256 * KB, field: 64 * KB, comment: 64 * KB, total: 512 * KB }

/** Linux allows 128 KB in one argument, with its terminating zero; macOS allows 1 MB in all arguments together. */
const AS_ARGUMENT: ContextLimits = { body: 96 * KB, field: 16 * KB, comment: 16 * KB, total: 124 * KB }

/** Windows allows 32,767 characters in the whole command line, and quotes and backslashes count twice. */
const AS_ARGUMENT_ON_WINDOWS: ContextLimits = {
  body: 12 * KB,
  field: 2 * KB,
  comment: 2 * KB,
  total: 16 * KB,
}

/** @param platform as `process.platform` */
export function contextLimits(way: ContextWay, platform = ''): ContextLimits {
  if (way === 'file') return IN_A_FILE
  return platform === 'win32' ? AS_ARGUMENT_ON_WINDOWS : AS_ARGUMENT
}

/** @returns how a profile passes the context to its worker, judging by its command line */
export function contextWay(profile: { command: readonly string[] | null; shell: string | null }): ContextWay {
  if (profile.command?.some((word) => word.includes('{prompt}')) === true) return 'argument'
  return /\$\(\s*(?:cat |<)\s*"?\$\{?RUNBOARD_CONTEXT_FILE/.test(profile.shell ?? '') ? 'argument' : 'file'
}

/** @returns the length of a text in bytes of UTF-8 */
export function byteLength(text: string): number {
  let bytes = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // A surrogate is one half of a four-byte character.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3
  }
  return bytes
}

/**
 * @param what the name of the text in a sentence: `the body`
 * @param command prints the full text
 * @returns a warning that a worker gets only part of the text; null when it gets all of it
 */
export function cutWarning(what: string, text: string, limit: number, command: string): string | null {
  const bytes = byteLength(text)
  if (bytes <= limit) return null
  return `${what} has ${sizeOf(bytes)}; its worker is given the first ${sizeOf(limit)} and told that “${command}” prints the rest.`
}

function sizeOf(bytes: number): string {
  return `${thousands(Math.floor(bytes / KB))} KB`
}

/** A text that a person types. */
export interface TypedText {
  text: string
  part: 'body' | 'field' | 'comment'
  /** Its worker, if known; else the way with the most room counts. */
  profile: { command: readonly string[] | null; shell: string | null } | undefined
  /** As `process.platform`, where known. */
  platform: string
}

/** @returns a warning that a worker gets only part of a text; null when it gets all of it */
export function typedTooLong({ text, part, profile, platform }: TypedText): string | null {
  const limit = contextLimits(profile === undefined ? 'file' : contextWay(profile), platform)[part]
  // No character has more than three bytes per unit of its length: most texts need not be counted.
  if (text.length * 3 <= limit) return null
  const bytes = byteLength(text)
  if (bytes <= limit) return null
  return `${sizeOf(bytes)} long: a worker is given the first ${sizeOf(limit)}, and told how to print the rest.`
}
