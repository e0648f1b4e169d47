/** One of a few values, as a person last chose it in this app or browser. */
export class KeptChoice<T extends string> {
  readonly values: readonly T[]
  choice: T
  readonly #key: string

  /**
   * @param key its name in the browser's storage
   * @param values the first one is the default
   */
  constructor(key: string, values: readonly [T, ...T[]]) {
    this.#key = key
    this.values = values
    const stored = localStorage.getItem(key)
    this.choice = $state(values.find((value) => value === stored) ?? values[0])
  }

  choose(value: T): void {
    this.choice = value
    localStorage.setItem(this.#key, value)
  }
}
