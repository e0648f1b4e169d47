/** Names the typed text in a draft, so that it does not come back as a text that could be sent. */
const MARK = 'runboard: not JSON'

/** Stands for a value whose typed text is not valid JSON, perhaps because it is unfinished. */
export class BrokenJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** A draft stores the typed text; `withBrokenJson` reads it. */
  toJSON(): Record<string, string> {
    return { [MARK]: this.text }
  }
}

/** For `JSON.parse`: reads the values that `BrokenJson.toJSON` wrote. */
export function withBrokenJson(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(MARK in value)) return value
  const text = value[MARK]
  return typeof text === 'string' && Object.keys(value).length === 1 ? new BrokenJson(text) : value
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
