import type { AppSettings } from '../../../contract/index.ts'
import { fields } from './fields.ts'
import type { Printer } from './printer.ts'

function valueOf(value: AppSettings[keyof AppSettings]): string {
  if (value === null) return 'none'
  if (typeof value !== 'object') return String(value)
  const parts = Object.entries(value).map(
    ([name, chosen]) => `${name}=${Array.isArray(chosen) ? chosen.join(' or ') : chosen}`,
  )
  return parts.length === 0 ? 'none' : parts.join(', ')
}

/** The app's settings by the names that `settings set` takes. */
export function printSettings({ settings }: { settings: AppSettings }, printer: Printer): string {
  return fields(
    Object.entries(settings).map(([key, value]) => [
      key,
      key === 'max_running' && value === null ? 'one per core' : valueOf(value),
    ]),
    printer,
  )
}
