// A small POSIX shell: `node run.ts LINE [NAME [ARGUMENT…]]`. Tests describe their workers as lines for `sh`; on
// Windows, where there is none, this program runs those lines. It knows what these lines use, and fails on anything
// else. Not known: traps (Windows has no signals) and the pids of subshells.
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { resolveExecutable } from '../../workers/environment/executable.ts'
import { windowsCommand } from '../../workers/spawn/windows-command-line.ts'
import { BUILTINS, type Fds } from './builtins.ts'
import { type Node, parse, type Redirection, type Word } from './parse.ts'

const SELF = fileURLToPath(import.meta.url)
const NEVER = 127

/** Ends the shell, or the subshell, with a status. */
class Exit extends Error {
  readonly status: number

  constructor(status: number) {
    super(`exit ${status}`)
    this.status = status
  }
}

interface State {
  /** All of them are exported. */
  variables: Record<string, string>
  args: string[]
  cwd: string
  status: number
  background: { pid: number; ended: Promise<number> }[]
}

const [line = '', name = 'sh', ...args] = process.argv.slice(2)
const state: State = {
  variables: Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ),
  args: [name, ...args],
  cwd: process.cwd(),
  status: 0,
  background: [],
}

function valueOf(variable: string): string {
  if (variable === '$') return String(process.pid)
  if (variable === 'PPID') return String(process.ppid)
  if (variable === '?') return String(state.status)
  if (variable === '!') return String(state.background.at(-1)?.pid ?? '')
  if (variable === '#') return String(state.args.length - 1)
  if (variable === '@' || variable === '*') return state.args.slice(1).join(' ')
  if (/^\d$/.test(variable)) return state.args[Number(variable)] ?? ''
  return state.variables[variable] ?? ''
}

/** Only sums and comparisons of numbers, as loops need them. */
function calculate(text: string): string {
  const numbers = text.replace(/\$?([A-Za-z_]\w*)/g, (_all, variable: string) => valueOf(variable) || '0')
  if (!/^[\d\s+\-*/%()<>=!]+$/.test(numbers)) throw new Error(`cannot calculate ${text}`)
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- digits and operators only
  return String(Math.trunc(Number(new Function(`return (${numbers})`)())))
}

async function expand(word: Word, fds: Fds): Promise<string[]> {
  const fields: string[] = []
  let field: string | null = null
  const add = (text: string, quoted: boolean) => {
    if (quoted) {
      field = (field ?? '') + text
      return
    }
    const pieces = text.split(/[ \t\n]+/)
    for (const [index, piece] of pieces.entries()) {
      if (index > 0 && field !== null) {
        fields.push(field)
        field = null
      }
      if (piece !== '') field = (field ?? '') + piece
    }
  }
  for (const part of word) {
    if ('text' in part) field = (field ?? '') + part.text
    else if ('name' in part) {
      const value = valueOf(part.name) || (part.fallback ?? '')
      add(part.length ? String(value.length) : value, part.quoted)
    } else if ('arithmetic' in part) add(calculate(part.arithmetic), part.quoted)
    else add(await outputOf(part.command, fds), part.quoted)
  }
  return field === null ? fields : [...fields, field]
}

const expandToOne = async (word: Word, fds: Fds) => (await expand(word, fds)).join(' ')

async function expandAll(words: readonly Word[], fds: Fds): Promise<string[]> {
  const found: string[] = []
  for (const word of words) found.push(...(await expand(word, fds)))
  return found
}

const pathOf = (path: string) => (isAbsolute(path) ? path : join(state.cwd, path))

function openFile(path: string, flags: string): number {
  return openSync(path === '/dev/null' ? '\\\\.\\NUL' : pathOf(path), flags)
}

/** Runs with the redirections in force. */
async function redirected(
  redirections: readonly Redirection[],
  fds: Fds,
  body: (fds: Fds) => Promise<number>,
): Promise<number> {
  const now: Fds = [...fds]
  const opened: number[] = []
  try {
    for (const { fd, kind, to } of redirections) {
      const target = await expandToOne(to, fds)
      if (kind === '>&') {
        now[fd] = now[Number(target)] ?? 1
        continue
      }
      const file = openFile(target, kind === '<' ? 'r' : kind === '>' ? 'w' : 'a')
      opened.push(file)
      now[fd] = file
    }
    return await body(now)
  } finally {
    for (const file of opened) closeSync(file)
  }
}

/** Runs `body` with a file as its output. */
async function captured(fds: Fds, body: (fds: Fds) => Promise<number>): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sh-'))
  const file = join(folder, 'out')
  const out = openSync(file, 'w')
  try {
    state.status = await body([fds[0], out, fds[2]])
    return readFileSync(file)
  } finally {
    closeSync(out)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As in a subshell: what it sets is not kept. */
async function inSubshell(node: Node, fds: Fds): Promise<number> {
  const kept = { ...state, variables: { ...state.variables } }
  try {
    return await run(node, fds)
  } catch (error) {
    if (error instanceof Exit) return error.status
    throw error
  } finally {
    Object.assign(state, kept)
  }
}

async function outputOf(command: string, fds: Fds): Promise<string> {
  const output = await captured(fds, (inner) => inSubshell(parse(command), inner))
  return output.toString('utf8').replace(/\n+$/, '')
}

/** What is left runs to its end before what is right begins. */
async function pipe(left: Node, right: Node, fds: Fds): Promise<number> {
  const output = await captured(fds, (inner) => inSubshell(left, inner))
  const folder = mkdtempSync(join(tmpdir(), 'sh-'))
  const file = join(folder, 'in')
  const writing = openSync(file, 'w')
  BUILTINS.write(writing, output)
  closeSync(writing)
  const input = openSync(file, 'r')
  try {
    return await inSubshell(right, [input, fds[1], fds[2]])
  } finally {
    closeSync(input)
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Started {
  pid: number
  ended: Promise<number>
}

function start(
  file: string,
  words: readonly string[],
  fds: Fds,
  env: Record<string, string>,
  detached = false,
): Started {
  const { program, line: whole } = windowsCommand(file, words, env)
  const verbatim = process.platform === 'win32'
  const rest = /^(?:"[^"]*"|\S+) ?(.*)$/s.exec(whole)?.[1] ?? ''
  const child = spawn(verbatim ? program : file, verbatim ? [rest] : words, {
    cwd: state.cwd,
    env,
    stdio: [...fds],
    windowsHide: true,
    // Node ends its children with itself, unless they are detached.
    detached,
    windowsVerbatimArguments: verbatim,
  })
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1))
    child.once('error', () => resolve(NEVER))
  })
  return { pid: child.pid ?? 0, ended }
}

function startSelf(
  source: string,
  rest: readonly string[],
  fds: Fds,
  env: Record<string, string>,
  detached = false,
) {
  return start(process.execPath, ['--no-warnings', SELF, source, ...rest], fds, env, detached)
}

function startProgram(
  words: readonly string[],
  fds: Fds,
  env: Record<string, string>,
  detached = false,
): Started | null {
  const [program = '', ...rest] = words
  if (/^(?:\/bin\/)?sh$/.test(program) && rest[0] === '-c')
    return startSelf(rest[1] ?? '', rest.slice(2), fds, env, detached)
  const path = Object.entries(env).find(([variable]) => /^path$/i.test(variable))?.[1] ?? ''
  const found = resolveExecutable(program, { path, cwd: state.cwd })
  if ('problem' in found) {
    BUILTINS.write(fds[2], Buffer.from(`sh: ${program}: not found\n`))
    return null
  }
  return start(found.path, rest, fds, env, detached)
}

async function wait(words: readonly string[]): Promise<number> {
  const all = state.background.filter(({ pid }) => words.length === 0 || words.includes(String(pid)))
  for (const { ended } of all) state.status = await ended
  return words.length === 0 ? 0 : state.status
}

async function runCommand(words: readonly string[], fds: Fds, env: Record<string, string>): Promise<number> {
  const [program = '', ...rest] = words
  if (program === 'exit') throw new Exit(rest[0] === undefined ? state.status : Number(rest[0]))
  if (program === 'wait') return wait(rest)
  if (program === 'exec') throw new Exit(await runCommand(rest, fds, env))
  if (program === 'export' || program === 'unset') {
    for (const each of rest) {
      const [variable = '', ...value] = each.split('=')
      if (program === 'unset') Reflect.deleteProperty(state.variables, variable)
      else if (each.includes('=')) state.variables[variable] = value.join('=')
    }
    return 0
  }
  if (program === 'cd') {
    state.cwd = pathOf(rest[0] ?? '.')
    return 0
  }
  if (program === 'env' && rest.length > 0) return runWithEnv(rest, fds, env)
  if (program === 'read') return read(rest, fds)
  const builtin = BUILTINS.commands[program]
  if (builtin !== undefined)
    return builtin(rest, { fds, pathOf, cwd: state.cwd, env, exit: (s) => new Exit(s) })
  const started = startProgram(words, fds, env)
  return started === null ? NEVER : started.ended
}

/** `env -u NAME… NAME=value… PROGRAM…` */
async function runWithEnv(words: readonly string[], fds: Fds, env: Record<string, string>): Promise<number> {
  const changed = { ...env }
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '-u') Reflect.deleteProperty(changed, words[++at] ?? '')
    else if (word === '-i')
      for (const variable of Object.keys(changed)) Reflect.deleteProperty(changed, variable)
    else if (word.includes('=')) changed[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
    else break
  }
  return runCommand(words.slice(at), fds, changed)
}

function read(words: readonly string[], fds: Fds): number {
  const text = BUILTINS.readLine(fds[0])
  const variable = words.filter((word) => !word.startsWith('-'))[0] ?? 'REPLY'
  state.variables[variable] = text ?? ''
  return text === null ? 1 : 0
}

async function runSimple(node: Extract<Node, { is: 'simple' }>, fds: Fds): Promise<number> {
  const words = await expandAll(node.words, fds)
  const set: Record<string, string> = {}
  for (const [variable, word] of node.assignments) set[variable] = await expandToOne(word, fds)
  if (words.length === 0) {
    Object.assign(state.variables, set)
    return redirected(node.redirections, fds, () =>
      Promise.resolve(node.assignments.length > 0 ? state.status : 0),
    )
  }
  return redirected(node.redirections, fds, (now) => runCommand(words, now, { ...state.variables, ...set }))
}

async function run(node: Node, fds: Fds): Promise<number> {
  state.status = await runNode(node, fds)
  return state.status
}

async function runNode(node: Node, fds: Fds): Promise<number> {
  switch (node.is) {
    case 'simple':
      return runSimple(node, fds)
    case 'group':
      return redirected(node.redirections, fds, (now) => run(node.body, now))
    case 'subshell':
      return redirected(node.redirections, fds, (now) => inSubshell(node.body, now))
    case 'not':
      return (await run(node.node, fds)) === 0 ? 1 : 0
    case 'and':
      return (await run(node.left, fds)) === 0 ? run(node.right, fds) : state.status
    case 'or':
      return (await run(node.left, fds)) === 0 ? 0 : run(node.right, fds)
    case 'pipe':
      return pipe(node.left, node.right, fds)
    case 'if':
      return redirected(node.redirections, fds, async (now) => {
        if ((await run(node.test, now)) === 0) return run(node.then, now)
        return node.otherwise === null ? 0 : run(node.otherwise, now)
      })
    case 'loop':
      return redirected(node.redirections, fds, async (now) => {
        while (((await run(node.test, now)) === 0) !== node.until) await run(node.body, now)
        return 0
      })
    case 'for':
      return redirected(node.redirections, fds, async (now) => {
        for (const value of await expandAll(node.words, now)) {
          state.variables[node.name] = value
          await run(node.body, now)
        }
        return 0
      })
    case 'list':
      return runList(node, fds)
  }
}

async function runList({ items }: Extract<Node, { is: 'list' }>, fds: Fds): Promise<number> {
  let status = 0
  for (const { node, background, source } of items) {
    if (background) state.background.push(startInBackground(node, source, fds))
    status = background ? 0 : await run(node, fds)
  }
  return status
}

/** A program gets its own pid, as in a real shell, where the subshell becomes the program. */
function startInBackground(node: Node, source: string, fds: Fds): Started {
  const plain = node.is === 'simple' && node.redirections.length === 0 && node.assignments.length === 0
  const words = plain ? node.words.map((word) => word.map((part) => ('text' in part ? part.text : null))) : []
  const literal = words.length > 0 && words.every((word) => !word.includes(null))
  const program = literal ? words.map((word) => word.join('')) : []
  const isSh = program[0] === 'sh' && program[1] === '-c'
  const started = isSh ? startProgram(program, fds, state.variables, true) : null
  return started ?? startSelf(source, state.args, fds, state.variables, true)
}

async function main(): Promise<number> {
  try {
    return await run(parse(line), [0, 1, 2])
  } catch (error) {
    if (error instanceof Exit) return error.status
    BUILTINS.write(2, Buffer.from(`sh: ${error instanceof Error ? error.message : String(error)}\n`))
    return 2
  }
}

const status = await main()
process.exit(status)
