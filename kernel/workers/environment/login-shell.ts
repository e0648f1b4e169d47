import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { basename, isAbsolute } from 'node:path'
import { inheritedEnvironment } from './inherited-environment.ts'

export interface LoginShellOptions {
  /** The shell's absolute path; by default the user's own. */
  shell?: string | undefined
  timeout_ms?: number
}

/**
 * A program, not a builtin, because every shell runs it alike. How to print the value of PATH, or a string, differs
 * between shells.
 */
const TELL_ENVIRONMENT = '/usr/bin/env'

/**
 * The PATH of the user's login shell. An app started from a desktop icon has a minimal one, without the folders of
 * the installed agents. null when there is no such shell or it does not answer within the time limit.
 */
export async function loginShellPath(options: LoginShellOptions = {}): Promise<string | null> {
  const { shell = process.env['SHELL'] || userInfo().shell, timeout_ms = 5_000 } = options
  if (process.platform === 'win32' || shell == null || !isAbsolute(shell)) return null
  const output = await outputOf(shell, [...flagsOf(shell), '-c', TELL_ENVIRONMENT], timeout_ms)
  // Profiles print greetings, and some print variables: the output of our program comes last.
  return [...output.matchAll(/^PATH=(.+)$/gm)].at(-1)?.[1] ?? null
}

/** csh accepts only a lone `-l`; it reads the file in which its users set their PATH anyway. */
function flagsOf(shell: string): string[] {
  return ['csh', 'tcsh'].includes(basename(shell)) ? [] : ['-l', '-i']
}

/**
 * The output of a program, '' when it cannot be started; it stops at the time limit. The program gets a session of
 * its own: otherwise an interactive shell would take over our terminal, if we have one, and stop us when we next use
 * it.
 */
function outputOf(file: string, args: string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const { env } = inheritedEnvironment(process.env)
    const child = spawn(file, args, { env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    const timer = setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        process.kill(-child.pid, 'SIGKILL')
      }
      finish()
    }, timeoutMs)
    const finish = (): void => {
      clearTimeout(timer)
      child.stdout.destroy()
      resolve(output)
    }
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    child.once('error', finish)
    // Not 'close': a daemon that the profile started may hold the pipe open for ever.
    child.once('exit', () => setImmediate(finish))
  })
}

/**
 * @param shell the PATH of the login shell
 * @param own the PATH of this process
 * @returns the shell's folders, then those of ours that it lacks, each once
 */
export function mergedPath(shell: string, own: string | undefined): string {
  const folders = [...shell.split(':'), ...(own ?? '').split(':')]
  return [...new Set(folders.filter((folder) => folder !== ''))].join(':')
}
