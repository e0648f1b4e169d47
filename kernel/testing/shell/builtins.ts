import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** Standard input, output and error. */
export type Fds = [number, number, number]

export interface Surroundings {
  fds: Fds
  pathOf: (path: string) => string
  cwd: string
  env: Record<string, string>
  exit: (status: number) => Error
}

type Command = (words: readonly string[], around: Surroundings) => Promise<number> | number

function write(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSync(fd, rest))
}

function readAll(fd: number): Buffer {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024)
    const count = readSync(fd, chunk)
    if (count === 0) return Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, count))
  }
}

function readLine(fd: number): string | null {
  const one = Buffer.alloc(1)
  let text = ''
  for (;;) {
    if (readSync(fd, one) === 0) return text === '' ? null : text
    const char = one.toString('latin1')
    if (char === '\n') return text
    text += char
  }
}

const print = ({ fds }: Surroundings, text: string) => write(fds[1], Buffer.from(text))

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', a: '\x07' }

/** The escapes of printf: letters, and bytes in octal. */
function unescaped(text: string): Buffer {
  const parts = text.split(/(\\[0-7]{1,3}|\\x[0-9a-f]{2}|\\.)/i)
  return Buffer.concat(
    parts.map((part) => {
      if (!part.startsWith('\\')) return Buffer.from(part)
      if (/^\\[0-7]/.test(part)) return Buffer.from([parseInt(part.slice(1), 8) & 255])
      return Buffer.from(ESCAPES[part[1] ?? ''] ?? part)
    }),
  )
}

function printf([format = '', ...given]: readonly string[], around: Surroundings): number {
  const values = [...given]
  do {
    for (const part of format.split(/(%[sd%])/)) {
      if (part === '%%') print(around, '%')
      else if (part === '%s' || part === '%d') print(around, values.shift() ?? '')
      else write(around.fds[1], unescaped(part))
    }
  } while (values.length > 0 && format.includes('%'))
  return 0
}

const COMPARISONS: Record<string, (a: number, b: number) => boolean> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
}

function test(words: readonly string[], { pathOf }: Surroundings): boolean {
  const [first = '', operator, second = ''] = words
  if (first === '!') return !test(words.slice(1), { pathOf } as Surroundings)
  if (operator === '=' || operator === '==') return first === second
  if (operator === '!=') return first !== second
  const compare = COMPARISONS[operator ?? '']
  if (compare !== undefined) return compare(Number(first), Number(second))
  const stats = () => statSync(pathOf(operator ?? ''), { throwIfNoEntry: false })
  if (first === '-n') return (operator ?? '') !== ''
  if (first === '-z') return (operator ?? '') === ''
  if (first === '-e') return existsSync(pathOf(operator ?? ''))
  if (first === '-f') return stats()?.isFile() ?? false
  if (first === '-d') return stats()?.isDirectory() ?? false
  if (first === '-s') return (stats()?.size ?? 0) > 0
  if (words.length > 1) throw new Error(`unknown test: ${words.join(' ')}`)
  return first !== ''
}

/** `kill [-SIGNAL] PID…`. Our own end gets the status that stands for the signal. */
function kill(words: readonly string[], { exit }: Surroundings): number {
  const [first = ''] = words
  const named = first.startsWith('-') ? first.slice(1) : 'TERM'
  const number = /^\d+$/.test(named) ? Number(named) : constants.signals[`SIG${named}` as NodeJS.Signals]
  for (const word of words.filter((each) => !each.startsWith('-'))) {
    if (Number(word) === process.pid) throw exit(128 + number)
    process.kill(Number(word), number === 0 ? 0 : 'SIGKILL')
  }
  return 0
}

const plain = (words: readonly string[]) => words.filter((word) => !word.startsWith('-'))

const commands: Record<string, Command> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  set: () => 0,
  umask: () => 0,
  ulimit: () => 0,
  trap: (words) => {
    if (words.includes('EXIT') || words[0] !== '') throw new Error('traps are not known on Windows')
    return 0
  },
  echo: (words, around) => {
    const [first, ...rest] = words
    print(around, first === '-n' ? rest.join(' ') : `${words.join(' ')}\n`)
    return 0
  },
  printf,
  pwd: (_words, around) => {
    print(around, `${around.cwd}\n`)
    return 0
  },
  env: (_words, around) => {
    for (const [name, value] of Object.entries(around.env)) print(around, `${name}=${value}\n`)
    return 0
  },
  sleep: async ([seconds = '0']) => {
    await delay(Number(seconds) * 1000)
    return 0
  },
  cat: (words, around) => {
    for (const word of words) write(around.fds[1], readFileSync(around.pathOf(word)))
    if (words.length === 0) write(around.fds[1], readAll(around.fds[0]))
    return 0
  },
  tee: (words, around) => {
    const bytes = readAll(around.fds[0])
    for (const word of plain(words)) {
      if (words.includes('-a')) appendFileSync(around.pathOf(word), bytes)
      else writeFileSync(around.pathOf(word), bytes)
    }
    write(around.fds[1], bytes)
    return 0
  },
  seq: (words, around) => {
    const [from, to] = words.length > 1 ? [Number(words[0]), Number(words[1])] : [1, Number(words[0])]
    for (let n = from; n <= to; n++) print(around, `${n}\n`)
    return 0
  },
  touch: (words, { pathOf }) => {
    for (const word of plain(words)) {
      if (existsSync(pathOf(word))) utimesSync(pathOf(word), new Date(), new Date())
      else writeFileSync(pathOf(word), '')
    }
    return 0
  },
  rm: (words, { pathOf }) => {
    const force = words.some((word) => /^-\w*f/.test(word))
    for (const word of plain(words)) rmSync(pathOf(word), { recursive: true, force })
    return 0
  },
  rmdir: (words, { pathOf }) => {
    for (const word of words) rmdirSync(pathOf(word))
    return 0
  },
  mkdir: (words, { pathOf }) => {
    for (const word of plain(words)) mkdirSync(pathOf(word), { recursive: words.includes('-p') })
    return 0
  },
  mv: (words, { pathOf }) => {
    const [from = '', to = ''] = plain(words)
    renameSync(pathOf(from), pathOf(to))
    return 0
  },
  ls: (words, around) => {
    print(
      around,
      readdirSync(around.pathOf(plain(words)[0] ?? '.'))
        .map((name) => `${name}\n`)
        .join(''),
    )
    return 0
  },
  head: (words, around) => {
    const most = Number(words.join(' ').match(/\d+/)?.[0] ?? 10)
    const bytes = readAll(around.fds[0])
    const isBytes = words[0]?.startsWith('-c') ?? false
    const lines = bytes.toString('latin1').split(/(?<=\n)/)
    write(
      around.fds[1],
      isBytes ? bytes.subarray(0, most) : Buffer.from(lines.slice(0, most).join(''), 'latin1'),
    )
    return 0
  },
  grep: (words, around) => {
    const [pattern = '', file] = plain(words)
    const input = file === undefined ? readAll(around.fds[0]) : readFileSync(around.pathOf(file))
    const found = input
      .toString('latin1')
      .split('\n')
      .filter((line) => new RegExp(pattern).test(line))
    if (!words.includes('-q'))
      write(around.fds[1], Buffer.from(found.map((line) => `${line}\n`).join(''), 'latin1'))
    return found.length > 0 ? 0 : 1
  },
  sort: (_words, around) => {
    const lines = readAll(around.fds[0]).toString('latin1').trimEnd().split('\n').sort()
    write(around.fds[1], Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
    return 0
  },
  test: (words, around) => (test(words, around) ? 0 : 1),
  '[': (words, around) => (test(words.slice(0, -1), around) ? 0 : 1),
  kill,
}

export const BUILTINS = { commands, write, readLine }
