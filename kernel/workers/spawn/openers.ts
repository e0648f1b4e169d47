import type { OperationOutput } from '../../../contract/index.ts'
import { resolveExecutable } from '../environment/executable.ts'

type Kind = OperationOutput<'opener.list'>['openers'][number]['kind']

/** A program that opens the folder of a task. Arguments of its commands may contain {folder}, {path} and {line}. */
export interface Opener {
  name: string
  title: string
  kind: Kind
  /** Opens a folder. */
  command: readonly string[]
  /** Opens a file at a line; null when it cannot. */
  file_command: readonly string[] | null
  /** Opens a folder and runs a command there, whose words are added at the end; null when it cannot. */
  run_command: readonly string[] | null
}

function editor(name: string, title: string, folder: readonly string[], file: readonly string[]): Opener {
  return {
    name,
    title,
    kind: 'editor',
    command: [name, ...folder],
    file_command: [name, ...file],
    run_command: null,
  }
}

/** @param runs the words between `folder` and a command to run; null when it runs none */
function terminal(
  name: string,
  title: string,
  folder: readonly string[],
  runs: readonly string[] | null,
): Opener {
  const command = [name, ...folder]
  const run_command = runs === null ? null : [...command, ...runs]
  return { name, title, kind: 'terminal', command, file_command: null, run_command }
}

const CODE_FILE = ['{folder}', '--goto', '{path}:{line}']

/** Common programs, with their documented flags. A terminal without arguments opens its working directory. */
const KNOWN: readonly Opener[] = [
  editor('code', 'Visual Studio Code', ['{folder}'], CODE_FILE),
  editor('codium', 'VSCodium', ['{folder}'], CODE_FILE),
  editor('cursor', 'Cursor', ['{folder}'], CODE_FILE),
  editor('windsurf', 'Windsurf', ['{folder}'], CODE_FILE),
  editor('zed', 'Zed', ['{folder}'], ['{path}:{line}']),
  editor('subl', 'Sublime Text', ['{folder}'], ['{path}:{line}']),
  editor('idea', 'IntelliJ IDEA', ['{folder}'], ['--line', '{line}', '{path}']),
  terminal('gnome-terminal', 'GNOME Terminal', ['--working-directory={folder}'], ['--']),
  terminal('konsole', 'Konsole', ['--workdir', '{folder}'], ['-e']),
  terminal('kitty', 'kitty', ['--directory', '{folder}'], []),
  terminal('alacritty', 'Alacritty', ['--working-directory', '{folder}'], ['-e']),
  terminal('wezterm', 'WezTerm', ['start', '--cwd', '{folder}'], ['--']),
  terminal('xterm', 'xterm', [], ['-e']),
]

const OF_SYSTEM: Partial<Record<NodeJS.Platform, readonly Opener[]>> = {
  linux: [files('xdg-open', 'Files')],
  darwin: [
    { ...terminal('terminal', 'Terminal', [], null), command: ['open', '-a', 'Terminal', '{folder}'] },
    { ...files('finder', 'Finder'), command: ['open', '{folder}'] },
  ],
  win32: [terminal('wt', 'Windows Terminal', ['-d', '{folder}'], []), files('explorer', 'Explorer')],
}

function files(name: string, title: string): Opener {
  return { name, title, kind: 'files', command: [name, '{folder}'], file_command: null, run_command: null }
}

/**
 * @param own the programs of the settings; they come first, and replace a known program of the same name
 * @returns the programs that this machine has
 */
export function openersHere(
  own: Readonly<Record<string, readonly string[]>>,
  { path, cwd }: { path: string; cwd: string },
): Opener[] {
  const ofSettings = Object.entries(own).map(([name, command]): Opener => {
    const opensFiles = command.some((word) => word.includes('{path}'))
    const file_command = opensFiles ? command : null
    return { name, title: name, kind: 'own', command, file_command, run_command: null }
  })
  const known = [...KNOWN, ...(OF_SYSTEM[process.platform] ?? [])].filter(
    ({ command: [program = ''], name }) =>
      own[name] === undefined && 'path' in resolveExecutable(program, { path, cwd }),
  )
  return [...ofSettings, ...known]
}

/** @returns the argv for a folder, or for a file in it. Placeholders inside of values are not replaced. */
export function openerArgv(
  opener: Opener,
  { folder, path, line }: { folder: string; path: string | null; line: number | null },
): string[] {
  const command = path === null ? opener.command : (opener.file_command ?? opener.command)
  return filled(command, { folder, path: path ?? folder, line: String(line ?? 1) })
}

/** @returns the argv of a terminal that runs a command in a folder; null when it runs none */
export function terminalArgv(
  { run_command }: Opener,
  folder: string,
  command: readonly string[],
): string[] | null {
  return run_command === null ? null : [...filled(run_command, { folder }), ...command]
}

function filled(command: readonly string[], values: Readonly<Record<string, string>>): string[] {
  return command.map((word) =>
    word.replace(/\{(folder|path|line)\}/g, (_, name: string) => values[name] ?? ''),
  )
}
