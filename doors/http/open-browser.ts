import { spawn } from 'node:child_process'
import { inheritedEnvironment } from '../../kernel/index.ts'

function opener(url: string): [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url]
  // `start` is a command of cmd; its first quoted argument would be a window title.
  if (process.platform === 'win32') return ['cmd.exe', '/d', '/c', 'start', '""', url]
  return ['xdg-open', url]
}

/** A command that has not failed by then has found a browser, or is one. In milliseconds. */
const FAILURE_MS = 2_000

/**
 * Opens the address in the user's browser.
 *
 * @returns whether a program that opens addresses started, and did not fail soon after
 */
export function openInBrowser(url: string): Promise<boolean> {
  const [program, ...args] = opener(url)
  return new Promise((resolve) => {
    const { env } = inheritedEnvironment(process.env)
    const child = spawn(program, args, { env, stdio: 'ignore', detached: true })
    child.unref()
    child.once('error', () => {
      resolve(false)
    })
    child.once('exit', (code) => {
      resolve(code === 0)
    })
    setTimeout(() => {
      resolve(true)
    }, FAILURE_MS).unref()
  })
}
