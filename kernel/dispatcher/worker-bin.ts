import { delimiter, join } from 'node:path'
import type { Services } from '../services.ts'
import { resolveExecutable } from '../workers/environment/executable.ts'
import { writeRunboardShim } from '../workers/environment/shim.ts'

/** The folder of the `runboard` command that is put on the PATH of workers, and the command's absolute path. */
export function workerBin(services: Pick<Services, 'home' | 'cli' | 'env'>): {
  folder: string
  path: string
} {
  const folder = join(services.home, 'bin')
  if (services.cli === null) {
    // Without a CLI of our own (the kernel used as a library), workers use the one on the PATH, if any.
    const found = resolveExecutable('runboard', { path: services.env['PATH'] ?? '', cwd: services.home })
    return {
      folder: (services.env['PATH'] ?? '').split(delimiter)[0] ?? '',
      path: 'path' in found ? found.path : 'runboard',
    }
  }
  const path = writeRunboardShim(folder, {
    node_path: services.cli.runtime,
    cli_path: services.cli.path,
    electron: services.cli.electron,
  })
  return { folder, path }
}
