import { versionChoice } from '../shared/versions.svelte.ts'

/** The fields of a form: as typed, as they were when typing began, and as they are now. */
export interface FormFields<Fields extends object> {
  mine: Fields
  opened: Fields
  current: Fields
}

/**
 * Chooses the fields to save: only those that were typed into, so that changes by others to the rest survive. If
 * another process changed one of them meanwhile, both versions are shown and the user chooses.
 *
 * @param label the display name of a field
 * @returns null to keep editing
 */
export async function chooseFields<Fields extends object>(
  { mine, opened, current }: FormFields<Fields>,
  label: (key: keyof Fields) => string,
): Promise<Partial<Fields> | null> {
  const keys = Object.keys(mine) as (keyof Fields)[]
  const typed = keys.filter((key) => !isSame(mine[key], opened[key]))
  const contested = typed.filter(
    (key) => !isSame(current[key], opened[key]) && !isSame(current[key], mine[key]),
  )
  const textOf = (fields: Fields) => contested.map((key) => `${label(key)}: ${shown(fields[key])}`).join('\n')
  const chosen =
    contested.length === 0
      ? 'mine'
      : await versionChoice.ask({
          field: contested.map(label).join(', '),
          mine: textOf(mine),
          theirs: textOf(current),
        })
  if (chosen === null) return null
  const saved = chosen === 'mine' ? typed : typed.filter((key) => !contested.includes(key))
  return Object.fromEntries(saved.map((key) => [key, mine[key]])) as Partial<Fields>
}

/** A form does not distinguish an empty text from null. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? '') === JSON.stringify(b ?? '')
}

function shown(value: unknown): string {
  if (value == null || value === '') return '(empty)'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
