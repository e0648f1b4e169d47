import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanUp, temporaryFolder } from './setup.ts'

/** Why tests cannot mount a disk of their own here; null if they can. */
const whyNot = whyNoDisk()

/** Whether tests can mount a disk of their own here. */
export const canMount = whyNot === null

/** @returns the name of a test on a disk of its own; where it is skipped, with the reason */
export function onSmallDisk(name: string): string {
  return whyNot === null ? name : `${name} (skipped: ${whyNot})`
}

function whyNoDisk(): string | null {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  if (process.getuid?.() !== 0) return 'only root may mount a disk'
  const folder = mkdtempSync(join(tmpdir(), 'runboard-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', ['-l', folder], { stdio: 'ignore' })
    return null
  } catch {
    return 'this machine or its container does not let root mount a disk'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns an empty disk of that size, removed with the test; for tests that run only if `canMount` */
export function smallDisk(kilobytes: number): string {
  const folder = temporaryFolder('runboard-disk-')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'ignore' })
  cleanUp(() => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }))
  return folder
}

/** Fills a disk until only `leaveKilobytes` are free. @returns a function that frees the space again */
export function fillDisk(folder: string, leaveKilobytes: number): () => void {
  const path = join(folder, 'filler')
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - leaveKilobytes * 1024)))
  return () => rmSync(path)
}
