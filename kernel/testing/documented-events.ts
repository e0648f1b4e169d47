import { readFileSync } from 'node:fs'
import type { BoardEvent } from '../../contract/index.ts'

/** Kinds whose payload also has what another system or a late worker said. */
const OPEN: readonly string[] = ['imported', 'late_write']

/** The fields of each kind of event, as docs/events.md names them. */
function documentedFields(): Map<string, Set<string>> {
  const text = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `(\w+)` \|[^|]*\|(.*)\|$/gm)
  return new Map(
    [...rows].map(([, kind = '', payload = '']) => [
      kind,
      new Set([...payload.matchAll(/`(\w+)`/g)].map(([, field = '']) => field)),
    ]),
  )
}

/** @returns `kind.field` of each field in a payload that docs/events.md does not name, once and sorted */
export function undocumentedFields(events: readonly BoardEvent[]): string[] {
  const documented = documentedFields()
  const missing = events
    .filter(({ kind }) => !OPEN.includes(kind))
    .flatMap(({ kind, payload }) =>
      Object.keys(payload ?? {})
        .filter((field) => documented.get(kind)?.has(field) !== true)
        .map((field) => `${kind}.${field}`),
    )
  return [...new Set(missing)].sort()
}
