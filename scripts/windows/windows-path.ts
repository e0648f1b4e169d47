import { resolve } from 'node:path'

/** The programs of the tests (programs.ts). Below it each has the path that it has in the sources. */
export const PROGRAMS_FOLDER = '.windows-programs'

/** A path of this machine as Wine shows it: `/` is the drive Z. */
export function windowsPath(path: string): string {
  return `Z:${resolve(path).replaceAll('/', '\\')}`
}
