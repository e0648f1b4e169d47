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
}

function editor(name: string, title: string, folder: readonly string[], file: readonly string[]): Opener {
  return { name, title, kind: 'editor', command: [name, ...folder], file_command: [name, ...file] }
}

function terminal(name: string, title: string, ...args: string[]): Opener {
  return { name, title, kind: 'terminal', command: [name, ...args], file_command: null }
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
  terminal('gnome-terminal', 'GNOME Terminal', '--working-directory={folder}'),
  terminal('konsole', 'Konsole', '--workdir', '{folder}'),
  terminal('kitty', 'kitty', '--directory', '{folder}'),
  terminal('alacritty', 'Alacritty', '--working-directory', '{folder}'),
  terminal('wezterm', 'WezTerm', 'start', '--cwd', '{folder}'),
  terminal('xterm', 'xterm'),
]

const OF_SYSTEM: Partial<Record<NodeJS.Platform, readonly Opener[]>> = {
  linux: [files('xdg-open', 'Files')],
  darwin: [
    { ...terminal('terminal', 'Terminal'), command: ['open', '-a', 'Terminal', '{folder}'] },
    { ...files('finder', 'Finder'), command: ['open', '{folder}'] },
  ],
  win32: [terminal('wt', 'Windows Terminal', '-d', '{folder}'), files('explorer', 'Explorer')],
}

function files(name: string, title: string): Opener {
  return { name, title, kind: 'files', command: [name, '{folder}'], file_command: null }
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
    return { name, title: name, kind: 'own', command, file_command: opensFiles ? command : null }
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
  const values: Record<string, string> = { folder, path: path ?? folder, line: String(line ?? 1) }
  return command.map((word) =>
    word.replace(/\{(folder|path|line)\}/g, (_, name: string) => values[name] ?? ''),
  )
}
