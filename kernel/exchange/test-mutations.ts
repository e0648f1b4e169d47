/** Ways to corrupt a JSON document at one place. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Path = readonly (string | number)[]

/** JSON text put in place of a value: `1e999` is read as infinity, which JSON.stringify never writes. */
const RAW: Readonly<Record<string, string>> = {
  null: 'null',
  'another type': '{"x":[1]}',
  text: '"x"',
  'no text': '""',
  'a blank': '" \\u200b "',
  zero: '0',
  negative: '-1',
  infinite: '1e999',
  'beyond exact': '9007199254740993',
  'largest exact': '9007199254740991',
  'a hostile name': '"../../\\u0000\\u001b]0;x\\u0007\\u202e\\ud800"',
  'a name of objects': '"__proto__"',
  deep: `${'['.repeat(300)}${']'.repeat(300)}`,
}

/** Every place of a document. In a list only the element with the most content is walked. */
export function placesOf(value: Json, path: Path = []): Path[] {
  const inside = Array.isArray(value)
    ? (value.length === 0 ? [] : [richest(value)]).flatMap((index) =>
        placesOf(value[index] ?? null, [...path, index]),
      )
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, one]) => placesOf(one, [...path, key]))
      : []
  return path.length === 0 ? inside : [path, ...inside]
}

const fullness = (row: Json) => Object.values(row ?? {}).filter((one) => one !== null).length
const richest = (rows: readonly Json[]) =>
  rows.reduce<number>((best, row, index) => (fullness(row) > fullness(rows[best] ?? null) ? index : best), 0)

/** @returns the document with one value replaced in the named way */
export const replaced = (document: Json, path: Path, name: string): Json =>
  changed(document, path, (parent, key) => (parent[key] = JSON.parse(RAW[name] ?? 'null') as Json))

const MARK = '\ue000here\ue000'

/** @returns the document's text for each way to corrupt one place, by name */
export function* spoiled(document: Json, path: Path): Generator<[string, string]> {
  const text = JSON.stringify(withMark(document, path))
  const where = JSON.stringify(MARK)
  for (const [name, raw] of Object.entries(RAW)) yield [name, text.replace(where, () => raw)]
  yield ['dropped', JSON.stringify(without(document, path))]
  yield ['twice', text.replace(where, () => JSON.stringify([at(document, path), at(document, path)]))]
  yield ['with an unknown neighbour', JSON.stringify(beside(document, path, 'unknown'))]
  yield ['with a neighbour of objects', JSON.stringify(beside(document, path, '__proto__'))]
}

function at(document: Json, path: Path): Json {
  return path.reduce<Json>((value, key) => (value as Record<string, Json> | null)?.[key] ?? null, document)
}

function changed(
  document: Json,
  path: Path,
  change: (parent: Record<string, Json>, key: string) => void,
): Json {
  const copy = structuredClone(document)
  const parent = at(copy, path.slice(0, -1))
  if (typeof parent === 'object' && parent !== null)
    change(parent as Record<string, Json>, String(path.at(-1)))
  return copy
}

const withMark = (document: Json, path: Path) =>
  changed(document, path, (parent, key) => (parent[key] = MARK))
const without = (document: Json, path: Path) =>
  changed(document, path, (parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else Reflect.deleteProperty(parent, key)
  })
const beside = (document: Json, path: Path, name: string) =>
  changed(document, path, (parent, key) => {
    const value = structuredClone(parent[key] ?? null)
    if (Array.isArray(parent)) parent.push(value)
    else Object.defineProperty(parent, name, { value, enumerable: true })
  })
