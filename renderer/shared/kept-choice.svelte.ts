/** A choice between a few values, kept in this app or browser. */
export class KeptChoice<T extends string> {
  readonly values: readonly T[]
  choice: T
  readonly #key: string

  /**
   * @param key the name of the choice in the browser's storage
   * @param values the first is the default
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
