import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * All files in a folder except its own `.git`, including ignored ones.
 *
 * @returns content by path; both hold bytes, one per character
 */
export function filesIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  const bytes = (text: string) => Buffer.from(text, 'latin1')
  const walk = (at: string) => {
    for (const entry of readdirSync(bytes(at), { encoding: 'buffer' })) {
      const path = `${at}/${entry.toString('latin1')}`
      const name = path.slice(folder.length + 1)
      if (name === '.git') continue
      const stats = lstatSync(bytes(path))
      if (stats.isDirectory()) walk(path)
      else if (stats.isSymbolicLink()) found[name] = `link to ${readlinkSync(bytes(path), 'latin1')}`
      else found[name] = stats.isFile() ? readFileSync(bytes(path), 'latin1') : 'no file'
    }
  }
  walk(folder)
  return found
}
