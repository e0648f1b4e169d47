import { readFileSync } from 'node:fs'
import { freemem } from 'node:os'
import type { Why } from '../../contract/index.ts'
import type { Services } from '../services.ts'

/**
 * @returns memory that a new process could use, in MB. On Linux this is MemAvailable, because free memory alone
 *   leaves out reclaimable caches (proc(5), /proc/meminfo).
 */
export function availableMemoryMb(): number {
  if (process.platform === 'linux') {
    const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))
    if (match?.[1] !== undefined) return Number(match[1]) / 1024
  }
  return freemem() / 1024 / 1024
}

/** The gate that is closed while less memory is available than the setting asks for. */
export function memoryGate({ config }: Pick<Services, 'config'>): Why {
  const least = config.readOrDefaults().settings.min_free_memory_mb
  const available = availableMemoryMb()
  if (available >= least) return null
  return {
    gate: 'low_memory',
    sentence: `Only ${Math.round(available)} MB of memory are free; below ${least} MB nothing is started.`,
    clears_at: null,
    action: null,
  }
}
