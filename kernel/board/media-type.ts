/**
 * The type of a file, from its first bytes. A name proves nothing: a page calls only those files images whose bytes say so.
 */

const SIGNATURES: readonly (readonly [type: string, bytes: readonly number[], at: number])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], 0],
  ['image/jpeg', [0xff, 0xd8, 0xff], 0],
  ['image/gif', [0x47, 0x49, 0x46, 0x38], 0],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
  ['application/pdf', [0x25, 0x50, 0x44, 0x46, 0x2d], 0],
  ['application/zip', [0x50, 0x4b, 0x03, 0x04], 0],
  ['application/gzip', [0x1f, 0x8b], 0],
]

/** How much of a file decides its type. */
export const SNIFFED_BYTES = 4096

/**
 * @param start the first bytes of a file, `SNIFFED_BYTES` or all of it
 * @returns its media type; `text/plain` for text of any kind (SVG and HTML too, which a page must not render), and
 *   `application/octet-stream` for anything unknown
 */
export function mediaTypeOf(start: Uint8Array): string {
  const found = SIGNATURES.find(([, bytes, at]) => bytes.every((byte, index) => start[at + index] === byte))
  if (found !== undefined) return found[0]
  return isText(start.subarray(0, SNIFFED_BYTES)) ? 'text/plain' : 'application/octet-stream'
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    // The last character may be cut in the middle.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
