/** Stands for a value whose typed text is not valid JSON, perhaps because it is unfinished. */
export class BrokenJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** A draft stores the typed text. */
  toJSON(): string {
    return this.text
  }
}

/** @returns the text with which a person edits a value as JSON */
export function jsonText(value: unknown): string {
  if (value instanceof BrokenJson) return value.text
  return value === undefined || value === null ? '' : JSON.stringify(value, null, 2)
}

/** @returns the places in a value, each after `place`, whose text is not JSON */
export function brokenIn(value: unknown, place: string): string[] {
  if (value instanceof BrokenJson) return [place]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => brokenIn(one, `${place}.${name}`))
}
