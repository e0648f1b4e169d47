import type { Plugin } from 'vite'

/** The part of ESTree that is read here. */
interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

interface Required {
  name: string
  /** The call of `require`, as text. */
  call: string
  statement: Node
  /** The next statement, if it only wraps the module for a default import. */
  wrapper: Node | undefined
}

interface Edit {
  start: number
  end: number
  text: string
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const nameOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' ? (value['name'] as string) : undefined

/** @returns the name and the call of `const NAME = require('MODULE')` */
function requiredBy(statement: Node, code: string): { name: string; call: string } | undefined {
  if (statement.type !== 'VariableDeclaration') return undefined
  const [declared, ...others] = statement['declarations'] as Node[]
  const call = declared?.['init']
  const name = nameOf(declared?.['id'])
  if (name === undefined || others.length > 0 || !isNode(call) || call.type !== 'CallExpression')
    return undefined
  return nameOf(call['callee']) === 'require' ? { name, call: code.slice(call.start, call.end) } : undefined
}

/** @returns whether the statement is `NAME = …(NAME, …)` */
function wraps(statement: Node | undefined, name: string): statement is Node {
  const assigned = statement?.type === 'ExpressionStatement' ? statement['expression'] : undefined
  return isNode(assigned) && assigned.type === 'AssignmentExpression' && nameOf(assigned['left']) === name
}

function requiredIn(body: readonly Node[], code: string): Required[] {
  return body.flatMap((statement, index) => {
    const required = requiredBy(statement, code)
    if (required === undefined) return []
    const next = body[index + 1]
    return [{ ...required, statement, wrapper: wraps(next, required.name) ? next : undefined }]
  })
}

function childrenOf(node: Node): [string, Node][] {
  return Object.entries(node).flatMap(([field, value]) =>
    (Array.isArray(value) ? (value as unknown[]) : [value])
      .filter(isNode)
      .map((child): [string, Node] => [field, child]),
  )
}

/** Every identifier that names a variable, not a property. */
function* variablesIn(node: Node): Generator<Node> {
  if (node.type === 'Identifier') yield node
  for (const [field, child] of childrenOf(node)) {
    const isProperty = (field === 'property' || field === 'key') && node['computed'] !== true
    if (!isProperty) yield* variablesIn(child)
  }
}

/** The names of the variables and parameters that are declared within a statement. */
function* declaredWithin(node: Node): Generator<string> {
  for (const [field, child] of childrenOf(node)) {
    const isDeclaration = field === 'params' || (field === 'id' && node.type === 'VariableDeclarator')
    if (isDeclaration) for (const variable of variablesIn(child)) yield variable['name'] as string
    yield* declaredWithin(child)
  }
}

function withEdits(code: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), code)
}

const HELPER = 'const __once = (load) => { let loaded; return () => (loaded ??= load()); };'

/**
 * Loads what a file of the build requires when it is first used, not when the file is loaded: a short command uses few of
 * the modules that the kernel is made of. Lines keep their numbers, so the source map stays true to the line.
 *
 * @param code a file in the form in which the bundler writes CommonJS
 */
export function withLazyRequires(code: string, program: { body: unknown }): string {
  const body = program.body as Node[]
  const required = new Map(requiredIn(body, code).map((each) => [each.name, each]))
  // A package that is written in CommonJS may use the same name within its function: that module is loaded at once.
  for (const statement of body) {
    const own = requiredBy(statement, code)?.name
    for (const name of declaredWithin(statement)) if (name !== own) required.delete(name)
  }
  const handled = new Set([...required.values()].flatMap(({ statement, wrapper }) => [statement, wrapper]))
  if (required.size === 0) return code
  const edits: Edit[] = []
  for (const { name, call, statement, wrapper } of required.values()) {
    const wrapped = wrapper === undefined ? call : wrapperOf(wrapper, name, call, code, required)
    edits.push({
      start: statement.start,
      end: statement.end,
      text: `const ${name} = __once(() => ${wrapped});`,
    })
    if (wrapper !== undefined) edits.push({ start: wrapper.start, end: wrapper.end, text: '' })
  }
  for (const statement of body) {
    if (handled.has(statement)) continue
    for (const { start, end, ...variable } of variablesIn(statement)) {
      const name = variable['name'] as string
      // In parentheses, for `new NAME.Member()`.
      if (required.has(name)) edits.push({ start, end, text: `(${name}())` })
    }
  }
  const first = body.find(({ type, directive }) => type !== 'ExpressionStatement' || directive === undefined)
  return withEdits(code, [...edits, { start: first?.start ?? 0, end: first?.start ?? 0, text: `${HELPER} ` }])
}

/** @returns the expression that wraps a module, with the call of `require` in place of the module's name */
function wrapperOf(
  wrapper: Node,
  name: string,
  call: string,
  code: string,
  required: ReadonlyMap<string, Required>,
): string {
  const { right } = wrapper['expression'] as { right: Node }
  const edits = [...variablesIn(right)].flatMap((variable) => {
    const found = variable['name'] as string
    if (!required.has(found)) return []
    const text = found === name ? call : `${found}()`
    return [{ start: variable.start - right.start, end: variable.end - right.start, text }]
  })
  return withEdits(code.slice(right.start, right.end), edits)
}

export function lazyRequires(): Plugin {
  return {
    name: 'runboard:lazy-requires',
    renderChunk(code) {
      return { code: withLazyRequires(code, this.parse(code)), map: null }
    },
  }
}
