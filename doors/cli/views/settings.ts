import type { AppSettings, OpenersAnswer } from '../../../contract/index.ts'
import { fields } from './fields.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'

function valueOf(key: string, value: AppSettings[keyof AppSettings]): string {
  if (value === null) return 'none'
  if (typeof value !== 'object') return String(value)
  const parts = Object.entries(value).map(
    ([name, chosen]) =>
      `${name}=${Array.isArray(chosen) ? chosen.join(key === 'keys' ? ' or ' : ' ') : chosen}`,
  )
  return parts.length === 0 ? 'none' : parts.join(', ')
}

/** The app's settings by the names that `settings set` takes. */
export function printSettings({ settings }: { settings: AppSettings }, printer: Printer): string {
  return fields(
    Object.entries(settings).map(([key, value]) => [
      key,
      key === 'max_running' && value === null ? 'one per core' : valueOf(key, value),
    ]),
    printer,
  )
}

/** The programs that `open-in` takes, in the order in which it tries them. */
export function printOpeners({ openers }: OpenersAnswer, { paint, width }: Printer): string {
  if (openers.length === 0) return 'No program was found. Name yours in the setting open_in.\n'
  return table(
    openers,
    [
      { header: 'NAME', text: ({ name }) => name, paint: paint.bold },
      { header: 'PROGRAM', text: ({ title }) => title },
      { header: 'KIND', text: ({ kind }) => (kind === 'own' ? 'settings' : kind) },
      { header: 'FILES', text: ({ opens_files }) => (opens_files ? 'yes' : '') },
      { header: 'COMMAND', text: ({ command }) => command.join(' '), least: 12 },
    ],
    width,
    paint.dim,
  )
}
