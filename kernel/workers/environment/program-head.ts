import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { basename, delimiter, isAbsolute, join } from 'node:path'

/** Linux reads no more of a script's first line. */
const LINE_LIMIT = 255

/** The values of e_machine in ELF files that each processor type runs. */
const MACHINES: Partial<Record<NodeJS.Architecture, readonly number[]>> = {
  x64: [62, 3],
  arm64: [183, 40],
  ia32: [3],
}

/**
 * Checks the head of an executable file for what the system would refuse with only “not found” or “exec format
 * error”.
 *
 * @param searchPath the PATH on which `env` looks for an interpreter
 * @returns the end of a sentence that begins with the file's name; null when nothing is wrong
 */
export function whyNotStarted(path: string, size: number, searchPath: string): string | null {
  if (size === 0) return 'is empty'
  const head = readHead(path)
  if (head === null) return null
  if (head.subarray(0, 2).toString('latin1') === '#!') return whyNoInterpreter(head, searchPath)
  if (head.subarray(0, 4).toString('latin1') === '\x7fELF') return whyOtherMachine(head)
  return null
}

/** @returns null for a file that may be executed but not read */
function readHead(path: string): Buffer | null {
  try {
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(4096)
      return head.subarray(0, readSync(file, head, 0, head.length, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}

function whyNoInterpreter(head: Buffer, searchPath: string): string | null {
  const end = head.indexOf(0x0a)
  const line = head.subarray(2, end < 0 ? head.length : end).toString('utf8')
  const [interpreter = '', ...rest] = line.trim().split(/[ \t]+/)
  if (line.endsWith('\r')) {
    return `has Windows line ends (CRLF), so the system looks for the interpreter “${interpreter}” with a carriage return in its name. Convert it to line feeds (dos2unix, or sed -i 's/\\r$//')`
  }
  if (line.length > LINE_LIMIT)
    return `has a first line of more than ${LINE_LIMIT} characters, which the system cuts`
  if (interpreter === '') return 'names no interpreter in its first line'
  if (!isAbsolute(interpreter)) return null
  const stats = statSync(interpreter, { throwIfNoEntry: false })
  if (stats === undefined) return `names an interpreter that is not there: ${interpreter}`
  if (stats.isDirectory()) return `names a folder as its interpreter: ${interpreter}`
  const program = basename(interpreter) === 'env' ? programOfEnv(rest) : null
  if (program === null || program.includes('/')) return null
  const isThere = searchPath
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, program)))
  return isThere ? null : `names an interpreter that is not on the PATH: ${program}`
}

/** The program that `env` starts: the first word that is neither an option nor a variable. */
function programOfEnv(words: readonly string[]): string | null {
  return words.find((word) => !word.startsWith('-') && !word.includes('=')) ?? null
}

function whyOtherMachine(head: Buffer): string | null {
  const known = MACHINES[process.arch]
  if (process.platform !== 'linux' || known === undefined || head.length < 20) return null
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18)
  // An emulator registered with the system can still run it.
  if (known.includes(machine) || existsSync('/proc/sys/fs/binfmt_misc/register')) return null
  return `is a program for another kind of processor than this machine’s (${process.arch})`
}
