import { createHash } from 'node:crypto'
import {
  isAlias,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  stringify,
  visit,
  type Document,
  type Node,
} from 'yaml'
import { type WorkflowDefinition, workflowFile } from '../../contract/workflow-file.ts'
import { WORKFLOW_LIMITS } from '../../contract/workflow-kinds.ts'
import { checkDefinition } from './check-definition.ts'
import { missingProjects } from './check-project.ts'
import type { Path, Problem } from './problem.ts'

/** A mistake in a file. Line and column count from 1. */
export interface FileProblem {
  line: number
  column: number
  message: string
}

export type ReadFile =
  | { definition: WorkflowDefinition; digest: string; problems: [] }
  | { definition: null; digest: null; problems: FileProblem[] }

/** Maximum problems reported. */
const MOST_PROBLEMS = 50

/**
 * Reads a workflow file: strict YAML 1.2. Unknown keys, duplicate keys, unknown tags, a second document and too many
 * aliases are errors.
 *
 * @returns the definition, or the problems of the first stage that finds any: the YAML, the schema, checkDefinition
 */
export function readWorkflowFile(text: string): ReadFile {
  const known = read.get(text)
  if (known !== undefined) return known
  const result = readOnce(text)
  if (read.size >= MOST_READ) read.delete(read.keys().next().value ?? '')
  read.set(text, result)
  return result
}

/** Files that were read, by their text: lists and starts read the same few again and again. */
const read = new Map<string, ReadFile>()
const MOST_READ = 100

function readOnce(text: string): ReadFile {
  if (Buffer.byteLength(text) > WORKFLOW_LIMITS.file_bytes)
    return failed([
      { line: 1, column: 1, message: `the file is larger than ${WORKFLOW_LIMITS.file_bytes / 1024} KB` },
    ])
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, {
    version: '1.2',
    strict: true,
    uniqueKeys: true,
    lineCounter: lines,
  })
  const document = 'empty' in documents ? undefined : documents[0]
  if (document === undefined) return failed([{ line: 1, column: 1, message: 'the file is empty' }])
  const at = placer(lines)
  const [, second] = Array.isArray(documents) ? documents : []
  if (second !== undefined)
    return failed([at(second.range[0], 'the file has a second document; a file holds one workflow')])
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0) return failed(wrong.map(({ message, pos }) => at(pos[0], firstLine(message))))
  const excess = excessAliases(document)
  if (excess.length > 0) return failed(excess.map(({ offset, message }) => at(offset, message)))

  // The library multiplies the counts of nested aliases, so its limit is higher than ours.
  let content: unknown
  try {
    content = document.toJS({ maxAliasCount: WORKFLOW_LIMITS.aliases * 10 })
  } catch (error) {
    return failed([at(0, error instanceof Error ? firstLine(error.message) : String(error))])
  }
  const parsed = workflowFile().safeParse(content)
  const problems = parsed.success
    ? checkDefinition(parsed.data)
    : parsed.error.issues.flatMap((issue) => flatIssues(issue))
  if (!parsed.success || problems.length > 0) return failed(inFile(document, lines, problems))
  return { definition: parsed.data, digest: digestOf(parsed.data), problems: [] }
}

function placer(lines: LineCounter) {
  return (offset: number, message: string): FileProblem => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col), message }
  }
}

function inFile(document: Document, lines: LineCounter, problems: readonly Problem[]): FileProblem[] {
  const at = placer(lines)
  return problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => at(offsetOf(document, path), `${nameOf(path)}${message}`))
}

/**
 * @param text a file that was read without mistakes
 * @returns the mistakes that only this machine shows, such as a project folder that does not exist
 */
export function problemsHere(text: string, definition: WorkflowDefinition): FileProblem[] {
  const problems = missingProjects(definition)
  if (problems.length === 0) return []
  const lines = new LineCounter()
  return inFile(parseDocument(text, { version: '1.2', lineCounter: lines }), lines, problems)
}

/** @returns the text of a workflow file with this definition */
export function workflowText(definition: WorkflowDefinition): string {
  return stringify(definition)
}

/** @returns the digest of a definition; files that differ only in layout and comments have the same */
export function digestOf(definition: WorkflowDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex')
}

function failed(problems: FileProblem[]): ReadFile {
  const ordered = problems.slice(0, MOST_PROBLEMS).sort((a, b) => a.line - b.line || a.column - b.column)
  return { definition: null, digest: null, problems: ordered }
}

/** @returns the first line of a parser's message, without the position, which we report in our own form */
function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''
}

/**
 * Limits the number of aliases, because they can expand a small file to an enormous document.
 *
 * @returns one problem, at the first alias beyond the limit, or none
 */
function excessAliases(document: Document): { offset: number; message: string }[] {
  const aliases: number[] = []
  visit(document, {
    Alias(_, node) {
      if (isAlias(node)) aliases.push(node.range?.[0] ?? 0)
    },
  })
  const [one] = aliases.slice(WORKFLOW_LIMITS.aliases)
  return one === undefined
    ? []
    : [{ offset: one, message: `the file has more than ${WORKFLOW_LIMITS.aliases} aliases` }]
}

/** The parts of a zod issue that are read here. */
interface Issue {
  path: PropertyKey[]
  message: string
  code?: string
  keys?: string[]
  errors?: Issue[][]
}

/**
 * Flattens a zod issue into problems: one for each unknown key. For a union, the problems are those of the alternative
 * that matched deepest, because that is most likely the intended one.
 */
function flatIssues(issue: Issue, before: Path = []): { path: Path; message: string }[] {
  const path = [...before, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  if (issue.code === 'unrecognized_keys')
    return (issue.keys ?? []).map((key) => ({ path: [...path, key], message: 'unknown key' }))
  if (issue.code === 'invalid_union' && issue.errors !== undefined && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))[0] ?? []
    if (depthOf(closest) > 0) return closest.flatMap((inner) => flatIssues(inner, path))
  }
  if (issue.code === 'invalid_key')
    return [{ path, message: 'a name has a–z, 0–9 and _, beginning with a letter' }]
  return [{ path, message: issue.message }]
}

/** @returns how deep below the union an alternative matched before it failed */
function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ code, path }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)))
}

/** @returns the offset of the key or value at a path; for a missing one, that of the nearest parent that exists */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length)
    const key = keyOffset(document, part)
    if (key !== null) return key
    const node = length === 0 ? document.contents : document.getIn(part, true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** @returns the offset of the key at the end of a path, because problems are shown at the key; null without one */
function keyOffset(document: Document, path: Path): number | null {
  const last = path.at(-1)
  if (typeof last !== 'string') return null
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const items = (parent as { items?: { key?: unknown }[] } | null)?.items ?? []
  for (const { key } of items)
    if (isScalar(key) && key.value === last) return (key as Node).range?.[0] ?? null
  return null
}

/** @returns a path as people read it, for the start of a message: `steps[2].on.done: ` */
function nameOf(path: Path): string {
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join('.')
  return words === '' ? '' : `${words.replaceAll('.[', '[')}: `
}
