import { readFileSync, statSync } from 'node:fs'
import { join, win32 } from 'node:path'
import { writeFileAtomic } from '../../home/files.ts'

export interface ShimOptions {
  /** The program that runs the CLI's JavaScript: Node, or Electron in its Node mode. */
  node_path: string
  /** The CLI's JavaScript file. */
  cli_path: string
  electron: boolean
  platform?: NodeJS.Platform
}

/**
 * Writes the `runboard` command that workers find on their PATH, into a folder of ours (created if missing), and
 * returns its path. Both programs must have a permanent path: the mount of an AppImage disappears with the app. The
 * command is replaced in one step, because workers may be running it, and left alone if it is already right.
 */
export function writeRunboardShim(dir: string, options: ShimOptions): string {
  const shell = join(dir, 'runboard')
  place(shell, shellShim(options))
  if ((options.platform ?? process.platform) !== 'win32') return shell
  // Beside the one for shells (Git Bash, in which some agents run their commands), as npm does it.
  const batch = join(dir, 'runboard.cmd')
  place(batch, batchShim(dir, options))
  return batch
}

function place(path: string, text: string): void {
  if (!isUpToDate(path, text)) writeFileAtomic(path, text, { mode: 0o700 })
}

function isUpToDate(path: string, text: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isFile() || (process.platform !== 'win32' && (stats.mode & 0o777) !== 0o700)) return false
  return readFileSync(path, 'utf8') === text
}

function shellShim({ node_path, cli_path, electron }: ShimOptions): string {
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  const asNode = electron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''
  return `#!/bin/sh\n# Written by Runboard for its workers.\n${asNode}exec ${quote(node_path)} ${quote(cli_path)} "$@"\n`
}

/**
 * Paths are relative to the file itself where that is possible: cmd.exe reads a batch file in an old code page, so an
 * ü in the name of a person's folder would not be found.
 */
function batchShim(dir: string, { node_path, cli_path, electron }: ShimOptions): string {
  const quote = (path: string): string => {
    const relative = win32.relative(dir, path)
    const text = (win32.isAbsolute(relative) ? path : relative).replaceAll('%', '%%')
    return win32.isAbsolute(relative) ? `"${text}"` : `"%~dp0${text}"`
  }
  const asNode = electron ? 'set ELECTRON_RUN_AS_NODE=1\r\n' : ''
  return `@echo off\r\nrem Written by Runboard for its workers.\r\nsetlocal\r\n${asNode}${quote(node_path)} ${quote(cli_path)} %*\r\n`
}
