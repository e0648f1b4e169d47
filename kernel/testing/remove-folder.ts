import { rmSync } from 'node:fs'

/**
 * Removes the temporary folder of a test. On Windows a folder stays while a process that has just ended still holds a file
 * that was in it; a test does not wait for that.
 */
export function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  } catch (error) {
    if (process.platform !== 'win32') throw error
  }
}
