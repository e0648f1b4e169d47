import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { APP_SETTING_DEFAULTS, type AppSettings } from '../../contract/index.ts'
import { localClient } from '../../doors/ipc/index.ts'
import { cleanUp, setup, until } from '../../kernel/testing/setup.ts'
import { LiveSettings } from './app-settings.ts'

async function live() {
  const { home, kernel, person } = await setup()
  const seen: AppSettings[] = []
  const reported: string[] = []
  const client = localClient(kernel, person)
  const settings = new LiveSettings({
    client,
    home,
    onChange: (now) => seen.push(now),
    report: (message) => reported.push(message),
  })
  cleanUp(() => settings.stop())
  await settings.start()
  /** Saves as editors do: a new file replaces the old one. */
  const edit = (text: string) => {
    writeFileSync(join(home, 'config.json.new'), text)
    renameSync(join(home, 'config.json.new'), join(home, 'config.json'))
  }
  return { client, edit, reported, seen, settings }
}

it('are reported at the start and at each change, by any program', async () => {
  const { client, edit, seen, settings } = await live()
  expect(seen).toEqual([APP_SETTING_DEFAULTS])
  await client.settings.set({ settings: { quit_policy: 'ask' } })
  await until(() => seen.length === 2, 'the change by a window')
  edit('{ "settings": { "quit_policy": "stop" } }')
  await until(() => seen.length === 3, 'the change by hand')
  expect(seen.map(({ quit_policy }) => quit_policy)).toEqual(['leave', 'ask', 'stop'])
  expect(settings.current.quit_policy).toBe('stop')
})

it('stay in force while the file cannot be read, and the failure is reported', async () => {
  const { client, edit, reported, settings } = await live()
  await client.settings.set({ settings: { notify: 'none' } })
  await until(() => settings.current.notify === 'none', 'the change')
  edit('{ "settings": ')
  await until(() => reported.length > 0, 'a report')
  expect(settings.current.notify).toBe('none')
  edit('{ "settings": { "notify": "all" } }')
  await until(() => settings.current.notify === 'all', 'the mended file')
})
