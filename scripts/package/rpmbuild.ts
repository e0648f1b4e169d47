import { spawnSync } from 'node:child_process'

/** @returns whether rpmbuild, which makes the rpm, is installed */
export function hasRpmbuild(): boolean {
  return spawnSync('rpmbuild', ['--version']).status === 0
}
