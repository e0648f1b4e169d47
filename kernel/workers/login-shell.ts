import { spawn } from 'node:child_process'
import { basename, isAbsolute } from 'node:path'

export interface LoginShellOptions {
  /** The shell's absolute path; the user's own if not given. */
  shell?: string | undefined
  timeout_ms?: number
}

/**
 * The PATH that the user's login shell has. An app started from a desktop icon gets a bare one, without the folders
 * in which agents are installed. null where there is no such shell or it does not tell within the time limit.
 */
export async function loginShellPath(options: LoginShellOptions = {}): Promise<string | null> {
  const { shell = process.env['SHELL'], timeout_ms = 5_000 } = options
  if (process.platform === 'win32' || shell === undefined || !isAbsolute(shell)) return null
  // Profiles print greetings: only what stands between the marks counts. fish holds PATH as a list.
  const value = basename(shell) === 'fish' ? '(string join : $PATH)' : '"$PATH"'
  const line = `printf '%s' '<runboard-path>' ${value} '</runboard-path>'`
  const output = await outputOf(shell, ['-l', '-i', '-c', line], timeout_ms)
  return /<runboard-path>(.+?)<\/runboard-path>/s.exec(output)?.[1] ?? null
}

/**
 * What a program prints, '' when it cannot be started, at most until the time limit. It gets a session of its own:
 * an interactive shell would otherwise take our terminal, if we have one, and stop us at its next use.
 */
function outputOf(file: string, args: string[], timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
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
