import { type AppSettings, APP_SETTING_DEFAULTS, OperationError } from '../../contract/index.ts'
import type { Services } from '../services.ts'
import type { AppHandlers } from './handler.ts'

export const settingsHandlers = {
  'settings.show': ({ services }) => ({ settings: current(services) }),

  'settings.set': async ({ services }, { settings: given }) => {
    const changes = Object.entries(given).filter(([, value]) => value !== undefined)
    if (changes.length === 0) {
      throw new OperationError('INVALID_INPUT', 'Nothing to set: pass KEY=VALUE.')
    }
    await services.config.changeSettings((before) => {
      const after = { ...before, ...Object.fromEntries(changes) }
      // The file holds only what a person chose; a later version may have other defaults.
      const chosen = Object.fromEntries(Object.entries(after).filter(([, value]) => value !== null))
      if ('quiet_from' in chosen !== 'quiet_until' in chosen) {
        throw new OperationError(
          'INVALID_INPUT',
          'Quiet hours have a beginning and an end: set quiet_from and quiet_until, or neither.',
        )
      }
      return chosen
    })
    return { settings: current(services) }
  },
} satisfies Partial<AppHandlers>

/** The settings without entries of the file that this version does not know. */
function current({ config }: Pick<Services, 'config'>): AppSettings {
  const { settings } = config.read()
  const keys = Object.keys(APP_SETTING_DEFAULTS) as (keyof AppSettings)[]
  return Object.fromEntries(keys.map((key) => [key, settings[key]])) as AppSettings
}
