import { spawn } from 'node:child_process'
import { inheritedEnvironment } from '../environment/inherited-environment.ts'
import { withoutInherited } from './inherited.ts'

/** A program that fails within this time, in milliseconds, did not open anything. */
const FAILS_WITHIN_MS = 700

/**
 * Starts a program of the user's and leaves it alone: its output is not read, and it continues when Runboard exits.
 *
 * @param argv an absolute program and its arguments, passed without a shell
 * @returns why it could not be started, as the end of a sentence; null when it runs, or has ended well
 */
export function openProgram(argv: readonly string[], cwd: string): Promise<string | null> {
  const [program = '', ...words] = argv
  const { file, args } = withoutInherited({ file: program, args: words }, 3)
  const { env } = inheritedEnvironment(process.env)
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, detached: true, stdio: 'ignore', windowsHide: false })
    const timer = setTimeout(() => resolve(null), FAILS_WITHIN_MS)
    const settle = (problem: string | null) => {
      clearTimeout(timer)
      resolve(problem)
    }
    child.once('error', (error) => settle(error.message))
    child.once('exit', (code, signal) =>
      settle(code === 0 ? null : signal === null ? `it exited with ${code}` : `it was ended by ${signal}`),
    )
    child.unref()
  })
}
