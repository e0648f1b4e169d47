import { Buffer } from 'node:buffer'

const LONGEST_BYTES = 100
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu
/** Not allowed in names on Windows, or folders of a path. */
const RESERVED = /[<>:"/\\|?*]/g
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * @param name any name that a caller gives, also a path
 * @returns a name that every system takes, leads to no other folder, and does not read as an option of a command:
 *   without control characters, at most 100 bytes, its extension kept
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const clean = last
    .normalize('NFC')
    .slice(0, 1000)
    .replace(UNSEEN, '')
    .replace(/\s+/g, ' ')
    .replace(RESERVED, '_')
    .replace(/^[-.\s]+|[.\s]+$/g, '')
  const named = clean === '' ? 'file' : DEVICES.test(clean) ? `_${clean}` : clean
  return shortened(named)
}

function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_BYTES) return name
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  const characters = [...name.slice(0, name.length - extension.length)]
  while (Buffer.byteLength(characters.join('') + extension) > LONGEST_BYTES) characters.pop()
  return characters.join('') + extension
}
