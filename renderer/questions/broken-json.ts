/** A text in place of a value that is meant to be JSON and is not, or not yet. */
export class BrokenJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** A draft keeps what was typed. */
  toJSON(): string {
    return this.text
  }
}

/** @returns a value as it is edited as JSON */
export function jsonText(value: unknown): string {
  if (value instanceof BrokenJson) return value.text
  return value === undefined || value === null ? '' : JSON.stringify(value, null, 2)
}

/** @returns the places of the texts in a value that are no JSON, below a place */
export function brokenIn(value: unknown, place: string): string[] {
  if (value instanceof BrokenJson) return [place]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => brokenIn(one, `${place}.${name}`))
}
