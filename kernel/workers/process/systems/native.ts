import { createRequire } from 'node:module'
import type koffi from 'koffi'

/** A function of the system. All that we call return a number. Its last parameter when called by `async` is a callback. */
type Call = ((...args: unknown[]) => number) & { async: (...args: unknown[]) => void }

/** Finds a function in a library by its declaration in C. */
export type Library = (declaration: string) => Call

/**
 * Opens a library of the system. koffi is loaded at the first call: only Windows and macOS need it, and its binary is
 * not part of the packages for Linux.
 */
export function loadLibrary(name: string): Library {
  const { load } = createRequire(import.meta.url)('koffi') as typeof koffi
  const library = load(name)
  return (declaration) => library.func(declaration)
}
