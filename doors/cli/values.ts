import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { z } from 'zod'
import {
  type CliParse,
  isNestedTooDeep,
  OperationError,
  parseDuration,
  parseWhen,
} from '../../contract/index.ts'
import { elementOf, fieldKind, fieldsOf } from '../shared/schema.ts'
import { usageError } from './usage.ts'

/** The context in which an argument's text is parsed. */
export interface ValueContext {
  /** As the user knows it, `--priority` or `ID`, for errors. */
  name: string
  /** The schema of the field that gets the value, if there is one. */
  schema: z.ZodType | undefined
  cwd: string
  stdin: Readable
  /** Milliseconds since the epoch. */
  now: number
}

/** Typed for “no value” in place of a number, time or profile. */
const NOTHING = 'none'

function takesNull(schema: z.ZodType | undefined): boolean {
  return schema !== undefined && fieldKind(schema).nullable
}

function parseInteger(text: string, name: string): number {
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw usageError(`${name}: expected a whole number, got “${text}”.`)
  }
  return value
}

function parseNumber(text: string, name: string): number {
  const value = Number(text)
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text) || !Number.isFinite(value)) {
    throw usageError(`${name}: expected a number, got “${text}”.`)
  }
  return value
}

/**
 * The operation refuses a value that is not an object. Null is refused here, because the operation would read it as an
 * absent field.
 */
function parseJson(text: string, name: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw usageError(`${name}: expected JSON: ${(error as Error).message}.`)
  }
  if (value === null) throw usageError(`${name}: expected a JSON object, got null.`)
  if (isNestedTooDeep(value)) throw usageError(`${name}: nested too deeply.`)
  return value
}

async function readText(path: string, context: ValueContext): Promise<string> {
  const bytes = await (path === '-' ? readAll(context.stdin, context.name) : readNamed(path, context))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw usageError(`${context.name}: ${path === '-' ? 'standard input' : path} is not UTF-8 text.`)
  }
}

/** More bytes than the longest text of any field can have. */
const LARGEST_FILE = 8 * 1024 * 1024

/** What a shell passes for `<(command)`: a pipe with a writer. Reading any other pipe might never end. */
const FROM_A_SHELL = /^\/(?:dev\/(?:fd\/|stdin$)|proc\/self\/fd\/)/

async function readNamed(path: string, context: ValueContext): Promise<Uint8Array> {
  const refuse = (problem: string) => usageError(`${context.name}: ${path} cannot be read: ${problem}.`)
  try {
    const absolute = resolve(context.cwd, path)
    const found = await stat(absolute)
    if (found.isDirectory()) throw refuse('it is a folder')
    const isPipe = FROM_A_SHELL.test(absolute)
    if (!found.isFile() && !isPipe) throw refuse('it is not a regular file')
    if (found.size > LARGEST_FILE) throw refuse(TOO_LARGE)
    return isPipe ? await readAll(createReadStream(absolute), context.name) : await readFile(absolute)
  } catch (error) {
    if (error instanceof OperationError) throw error
    throw refuse(
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : (error as Error).message,
    )
  }
}

const TOO_LARGE = 'it has more than 8 MB'

async function readAll(stream: Readable, name: string): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array | string)
    size += bytes.length
    if (size > LARGEST_FILE) throw usageError(`${name}: standard input cannot be read: ${TOO_LARGE}.`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/**
 * @param text one word of the command line
 * @param kind how the contract says to parse it
 * @returns the value of the field
 * @throws OperationError INVALID_INPUT
 */
export async function parseValue(text: string, kind: CliParse, context: ValueContext): Promise<unknown> {
  const { name, schema, now, cwd } = context
  if (text === NOTHING && ['int', 'float', 'duration', 'when'].includes(kind) && takesNull(schema)) {
    return null
  }
  switch (kind) {
    case 'text':
    case 'flag': // a switch has no text; its value is its constant
      return text
    case 'int':
      return parseInteger(text, name)
    case 'float':
      return parseNumber(text, name)
    case 'duration':
      return named(name, () => parseDuration(text))
    case 'when':
      return named(name, () => parseWhen(text, now))
    case 'json':
      return parseJson(text, name)
    case 'file':
      return readText(text, context)
    case 'json-file':
      return parseJson(await readText(text, context), name)
    case 'pair':
      return parsePairs([text], context)
    case 'assignee':
      return text === NOTHING || text === '-' ? null : text
    case 'path':
      if (text.trim() === '') throw usageError(`${name}: the path is blank.`)
      return absolutePath(text, cwd)
    case 'workspace':
      return absoluteWorkspace(text, cwd)
  }
}

/** Expands `~` too, where the shell leaves it: `--project=~/work`, `dir:~/work`. */
function absolutePath(text: string, cwd: string): string {
  return resolve(cwd, text.replace(/^~(?=$|[/\\])/, homedir()))
}

function absoluteWorkspace(text: string, cwd: string): string {
  const [, kind, path] = /^\s*(dir|worktree):(.*\S)\s*$/s.exec(text) ?? []
  return kind === undefined || path === undefined ? text : `${kind}:${absolutePath(path, cwd)}`
}

/** Runs a parser of the contract and adds the argument's name to its error. */
function named<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw usageError(`${name}: ${(error as Error).message}`)
  }
}

/**
 * @param texts words of the form KEY=VALUE; a key given twice has its last value
 * @returns an object whose values fit the schema's fields
 * @throws OperationError INVALID_INPUT for a word without `=`, an unknown key, or a value of the wrong kind
 */
export function parsePairs(texts: readonly string[], context: ValueContext): Record<string, unknown> {
  const kind = context.schema === undefined ? undefined : fieldKind(context.schema)
  const fields = kind === undefined ? null : fieldsOf(kind)
  const entries = texts.map((text): [string, unknown] => {
    const at = text.indexOf('=')
    if (at < 1) throw usageError(`${context.name}: expected KEY=VALUE, got “${text}”.`)
    const key = text.slice(0, at)
    const value = text.slice(at + 1)
    if (fields === null) return [key, value]
    const schema = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (schema === undefined) {
      throw usageError(`Unknown setting “${key}”. Settings: ${Object.keys(fields).join(', ')}.`)
    }
    return [key, coerce(value, key, schema, context)]
  })
  return Object.fromEntries(entries)
}

/** Parses the text of one setting according to the setting's type. */
function coerce(text: string, key: string, schema: z.ZodType, context: ValueContext): unknown {
  const kind = fieldKind(schema)
  if (kind.nullable && (text === '' || (text === NOTHING && kind.type !== 'string'))) return null
  switch (kind.type) {
    case 'number':
      return key.endsWith('_seconds')
        ? named(key, () => parseDuration(text))
        : named(key, () => parseNumber(text, key))
    case 'boolean':
      if (text !== 'true' && text !== 'false')
        throw usageError(`${key}: expected true or false, got “${text}”.`)
      return text === 'true'
    case 'array':
      return coerceList(text, key, elementOf(kind), context)
    case 'record':
      if (text.startsWith('{')) return parseJson(text, key)
      return text === '' ? {} : parsePairs(text.split(','), { ...context, name: key, schema })
    default:
      if (key.endsWith('_workspace')) return absoluteWorkspace(text, context.cwd)
      return key.endsWith('_dir') && text !== '' ? absolutePath(text, context.cwd) : text
  }
}

/** A list is typed as `a,b`, or as JSON if an element contains a comma. */
function coerceList(text: string, key: string, element: z.ZodType | null, context: ValueContext): unknown {
  if (text.startsWith('[')) return parseJson(text, key)
  if (text === '') return []
  return text.split(',').map((part) => (element === null ? part : coerce(part, key, element, context)))
}
