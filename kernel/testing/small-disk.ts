import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cleanUp, temporaryFolder } from './setup.ts'

function mount(folder: string, kilobytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder], { stdio: 'ignore' })
    cleanUp(() => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }))
    return true
  } catch {
    return false
  }
}

/** Whether tests can mount their own disk on this machine: only root may. */
export const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  /\btmpfs\b/.test(readFileSync('/proc/filesystems', 'utf8'))

/** @returns an empty disk of that size, removed with the test; null if it cannot be mounted */
export function smallDisk(kilobytes: number): string | null {
  const folder = temporaryFolder('runboard-disk-')
  return mount(folder, kilobytes) ? folder : null
}

/** Fills a disk until only `leaveKilobytes` are free. @returns a function that frees the space again */
export function fillDisk(folder: string, leaveKilobytes: number): () => void {
  const path = join(folder, 'filler')
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - leaveKilobytes * 1024)))
  return () => rmSync(path)
}
