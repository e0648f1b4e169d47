import { createHash } from 'node:crypto'
import {
  isAlias,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
} from 'yaml'
import { type WorkflowDefinition, workflowFile } from '../../contract/workflow-file.ts'
import { WORKFLOW_LIMITS } from '../../contract/workflow-kinds.ts'
import { checkDefinition, type Path } from './check-definition.ts'

/** What is wrong with a file, and where: line and column count from 1. */
export interface FileProblem {
  line: number
  column: number
  message: string
}

export type ReadFile =
  | { definition: WorkflowDefinition; digest: string; problems: [] }
  | { definition: null; digest: null; problems: FileProblem[] }

/** The most problems that are listed. */
const MOST_PROBLEMS = 50

/**
 * Reads a workflow file. YAML 1.2, strictly: unknown and duplicate keys, more than one document, tags and a great number
 * of aliases are errors.
 */
export function readWorkflowFile(text: string): ReadFile {
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
  const at = (offset: number, message: string): FileProblem => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col), message }
  }
  const [, second] = Array.isArray(documents) ? documents : []
  if (second !== undefined)
    return failed([at(second.range[0], 'the file has a second document; a file holds one workflow')])
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0) return failed(wrong.map(({ message, pos }) => at(pos[0], firstLine(message))))
  const odd = oddNodes(document)
  if (odd.length > 0) return failed(odd.map(({ offset, message }) => at(offset, message)))

  const parsed = workflowFile.safeParse(document.toJS({ maxAliasCount: WORKFLOW_LIMITS.aliases * 10 }))
  const problems = parsed.success
    ? checkDefinition(parsed.data)
    : parsed.error.issues.flatMap((issue) => flatIssues(issue))
  if (!parsed.success || problems.length > 0)
    return failed(
      problems.map(({ path, message }) => at(offsetOf(document, path), `${nameOf(path)}${message}`)),
    )
  return { definition: parsed.data, digest: digestOf(parsed.data), problems: [] }
}

/** @returns the digest of a definition: the same for two files that differ in form and comments only */
export function digestOf(definition: WorkflowDefinition): string {
  return createHash('sha256').update(JSON.stringify(definition)).digest('hex')
}

function failed(problems: FileProblem[]): ReadFile {
  const ordered = problems.slice(0, MOST_PROBLEMS).sort((a, b) => a.line - b.line || a.column - b.column)
  return { definition: null, digest: null, problems: ordered }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? ''
}

/** Aliases in number could make a small file enormous. */
function oddNodes(document: Document): { offset: number; message: string }[] {
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

interface Issue {
  path: PropertyKey[]
  message: string
  code?: string
  keys?: string[]
  errors?: Issue[][]
}

/** The issues of a zod error, one for each unknown key, and for a union those of the form that fits best. */
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

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ code, path }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)))
}

/** Where the value of a path stands; for a value that is missing, where it would belong. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const part = path.slice(0, length)
    const key = keyNode(document, part)
    if (key !== null) return key
    const node = length === 0 ? document.contents : document.getIn(part, true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** A problem with a named value is shown at its name. */
function keyNode(document: Document, path: Path): number | null {
  const last = path.at(-1)
  if (typeof last !== 'string') return null
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const items = (parent as { items?: { key?: unknown }[] } | null)?.items ?? []
  for (const { key } of items)
    if (isScalar(key) && key.value === last) return (key as Node).range?.[0] ?? null
  return null
}

function nameOf(path: Path): string {
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join('.')
  return words === '' ? '' : `${words.replaceAll('.[', '[')}: `
}
