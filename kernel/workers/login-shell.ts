import { spawn } from 'node:child_process'
import { userInfo } from 'node:os'
import { basename, isAbsolute } from 'node:path'
import { inheritedEnvironment } from './inherited-environment.ts'

export interface LoginShellOptions {
  /** The shell's absolute path; the user's own if not given. */
  shell?: string | undefined
  timeout_ms?: number
}

/** Not a builtin, so that every shell runs it alike: how one writes the value of PATH, or a string, differs. */
const TELL_ENVIRONMENT = '/usr/bin/env'

/**
 * The PATH that the user's login shell has. An app started from a desktop icon gets a bare one, without the folders
 * in which agents are installed. null where there is no such shell or it does not tell within the time limit.
 */
export async function loginShellPath(options: LoginShellOptions = {}): Promise<string | null> {
  const { shell = process.env['SHELL'] || userInfo().shell, timeout_ms = 5_000 } = options
  if (process.platform === 'win32' || shell == null || !isAbsolute(shell)) return null
  const output = await outputOf(shell, [...flagsOf(shell), '-c', TELL_ENVIRONMENT], timeout_ms)
  // Profiles print greetings, some of them variables: what the last program printed comes last.
  return [...output.matchAll(/^PATH=(.+)$/gm)].at(-1)?.[1] ?? null
}

/** csh takes `-l` alone only; it reads the file in which its users set their PATH in any case. */
function flagsOf(shell: string): string[] {
  return ['csh', 'tcsh'].includes(basename(shell)) ? [] : ['-l', '-i']
}

/**
 * What a program prints, '' when it cannot be started, at most until the time limit. It gets a session of its own:
 * an interactive shell would otherwise take our terminal, if we have one, and stop us at its next use.
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
    // Not 'close': a daemon that the profile started may hold the pipe for ever.
    child.once('exit', () => setImmediate(finish))
  })
}

/**
 * @param shell the PATH of the login shell
 * @param own the PATH that this process has
 * @returns the shell's folders, then those of ours that it lacks, each once
 */
export function mergedPath(shell: string, own: string | undefined): string {
  const folders = [...shell.split(':'), ...(own ?? '').split(':')]
  return [...new Set(folders.filter((folder) => folder !== ''))].join(':')
}
