import { IMPORT_LIMITS, overLimit } from './limits.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])

/** @returns where the string that begins at `start` ends: after its closing quote, or at the end of the bytes */
function afterString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === BACKSLASH) at++
    else if (byte === QUOTE) return at + 1
  }
  return bytes.length
}

/**
 * Counts the values that a JSON text would create, before creating any: 500 MB of `[[],[],…` would take more memory
 * than a process has. Does not check that the text is JSON.
 *
 * @throws OperationError INVALID_INPUT over the limits of depth and counts
 */
export function refuseVastJson(path: string, bytes: Uint8Array): void {
  let depth = 0
  let containers = 0
  let values = 0
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number
    if (byte === QUOTE) {
      at = afterString(bytes, at)
      continue
    }
    at++
    if (byte === COMMA || byte === COLON) values++
    else if (OPEN.has(byte)) {
      depth++
      containers++
      if (depth > IMPORT_LIMITS.depth)
        throw overLimit(path, `nests more than ${IMPORT_LIMITS.depth} levels deep`)
    } else if (CLOSE.has(byte)) depth--
  }
  const over = containers > IMPORT_LIMITS.containers || values > IMPORT_LIMITS.values
  if (over) throw overLimit(path, 'holds more values than can be imported')
}
