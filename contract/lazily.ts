import { speakPlainly } from './issue-words.ts'

const made = new WeakSet<() => unknown>()

/**
 * Makes a value when it is first needed, and only once. Each schema of the contract is declared so: a command uses few of
 * them, and making all of them takes longer than the rest of its start.
 *
 * @param make called at most once
 * @returns a function that returns the same value each time
 */
export function lazily<T extends object>(make: () => T): () => T {
  let value: T | undefined
  const get = () => {
    if (value === undefined) {
      // Here, so that loading the contract loads no zod.
      speakPlainly()
      value = make()
    }
    return value
  }
  made.add(get)
  return get
}

/** @returns whether `lazily` made it */
export function isLazy(value: unknown): value is () => object {
  return typeof value === 'function' && made.has(value as () => unknown)
}
