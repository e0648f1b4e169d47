import { createRequire } from 'node:module'
import type koffi from 'koffi'

type Koffi = typeof koffi
export type Library = ReturnType<Koffi['load']>

/**
 * Opens a library of the system. koffi is loaded at the first call: only Windows and macOS need it, and its binary is
 * not part of the packages for Linux.
 */
export function loadLibrary(name: string): Library {
  const { load } = createRequire(import.meta.url)('koffi') as Koffi
  return load(name)
}
