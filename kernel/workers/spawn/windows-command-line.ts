import { win32 } from 'node:path'
import { WorkerSetupError } from '../setup-error.ts'

/** What CreateProcess takes: the program, and one line for the program itself to split. */
export interface WindowsCommand {
  program: string
  line: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Windows passes a command line, not arguments, and each program splits it in its own way: most by the rules of
 * Microsoft's C library, batch files by those of cmd.exe.
 *
 * @param file absolute path of the program
 * @throws WorkerSetupError for an argument that a batch file cannot be given
 */
export function windowsCommand(file: string, args: readonly string[], env: Environment): WindowsCommand {
  const ending = win32.extname(file).toLowerCase()
  if (ending === '.cmd' || ending === '.bat') return batchCommand(file, args, env)
  if (ending === '.ps1') return scriptCommand(file, args, env)
  const shellLine = lineForShell(file, args)
  if (shellLine !== null) return { program: file, line: `${quoted(file)} /d /s /c "${shellLine}"` }
  return { program: file, line: [file, ...args].map(quoted).join(' ') }
}

/** With `/s`, cmd.exe takes the text between the outer quotes as it is. @returns null for any other command */
function lineForShell(file: string, args: readonly string[]): string | null {
  const [d, s, c, line, ...rest] = args
  const isShell = win32.basename(file).toLowerCase() === 'cmd.exe' && d === '/d' && s === '/s' && c === '/c'
  return isShell && rest.length === 0 ? (line ?? null) : null
}

/** As Microsoft's C library reads it: a backslash counts only before a quote. */
function quoted(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}

/**
 * Batch files can be run only by cmd.exe, which reads the line as its own language. The rules are those of Rust's
 * standard library (library/std/src/sys/args/windows.rs, after CVE-2024-24576): they also hold when the batch file
 * passes its arguments on with `%*`, as npm's do. `/v:off` keeps `!` from being replaced.
 */
function batchCommand(file: string, args: readonly string[], env: Environment): WindowsCommand {
  const words = [`"${withoutVariables(file)}"`, ...args.map((arg) => batchArgument(file, arg))]
  const program = env['ComSpec'] ?? systemProgram(env, 'cmd.exe')
  return { program, line: `${quoted(program)} /e:on /v:off /d /s /c "${words.join(' ')}"` }
}

function batchArgument(file: string, text: string): string {
  if (/[\r\n]/.test(text)) {
    throw new WorkerSetupError(
      `${file} is a batch file and cannot be given text of several lines: use stdin or {context_file}.`,
    )
  }
  // Without quotes only what surely means nothing to cmd.exe. A quote is doubled, as the programs behind a batch file
  // read it.
  const isPlain = /^[\w#$*+\-./:?@\\\u00a0-\uffff]*[\w#$*+\-./:?@\u00a0-\uffff]$/.test(text)
  const escaped = withoutVariables(text).replace(/(\\*)"/g, '$1$1""')
  return isPlain ? escaped : `"${escaped.replace(/(\\+)$/, '$1$1')}"`
}

/** `%cd:~,%` is replaced by nothing; with it, no two percent signs enclose the name of a variable. */
function withoutVariables(text: string): string {
  return text.replaceAll('%', '%%cd:~,%')
}

/** The execution policy of the person holds. */
function scriptCommand(file: string, args: readonly string[], env: Environment): WindowsCommand {
  const program = systemProgram(env, 'WindowsPowerShell\\v1.0\\powershell.exe')
  const words = [program, '-NoProfile', '-NonInteractive', '-File', file, ...args]
  return { program, line: words.map(quoted).join(' ') }
}

/** Not looked up on the PATH, which a profile may set. */
function systemProgram(env: Environment, name: string): string {
  const root = Object.entries(env).find(([variable]) => variable.toLowerCase() === 'systemroot')?.[1]
  return win32.join(root ?? 'C:\\Windows', 'System32', name)
}

/**
 * Variables without which programs of Windows fail in odd ways; a worker gets ours where it has none. The list is that
 * of libuv (src/win/process.c), by which any child of Node gets them.
 */
const NEEDED = [
  'HOMEDRIVE',
  'HOMEPATH',
  'LOGONSERVER',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERDOMAIN',
  'USERNAME',
  'USERPROFILE',
  'WINDIR',
]

/** @returns the environment of a worker, with those of our own variables that Windows needs */
export function windowsEnvironment(env: Record<string, string>, ours: Environment): Record<string, string> {
  const given = new Set(Object.keys(env).map((name) => name.toUpperCase()))
  const added = Object.entries(ours).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && NEEDED.includes(entry[0].toUpperCase()) && !given.has(entry[0].toUpperCase()),
  )
  return { ...Object.fromEntries(added), ...env }
}
