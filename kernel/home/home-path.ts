import { homedir } from 'node:os'
import { join } from 'node:path'

/** @returns the path, with a `~` at its start replaced by the user's home folder, as a shell would; `~name` stays */
export function expandHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path
}
