import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { APP_SETTING_DEFAULTS } from '../../contract/index.ts'
import { setup } from '../testing/setup.ts'

describe('settings of the app', () => {
  it('have their defaults until a person sets them, and only set values are stored in the file', async () => {
    const { call, home } = await setup()
    const path = join(home, 'config.json')
    writeFileSync(path, JSON.stringify({ profiles: {}, settings: { mine: 1 } }))
    expect((await call('settings.show', {})).settings).toEqual(APP_SETTING_DEFAULTS)
    const { settings } = await call('settings.set', { settings: { quit_policy: 'ask', max_running: 3 } })
    expect(settings).toEqual({ ...APP_SETTING_DEFAULTS, quit_policy: 'ask', max_running: 3 })
    const kept = { mine: 1, quit_policy: 'ask', max_running: 3 }
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ profiles: {}, settings: kept })
  })

  it('return to their default with null', async () => {
    const { call } = await setup()
    await call('settings.set', { settings: { keep_awake: false } })
    expect((await call('settings.set', { settings: { keep_awake: null } })).settings.keep_awake).toBe(true)
  })

  it('hold levels by board', async () => {
    const { call } = await setup()
    const { settings } = await call('settings.set', { settings: { notify_boards: { test: 'none' } } })
    expect(settings.notify_boards).toEqual({ test: 'none' })
  })

  it.each(['m', 'shift+x', 'mod+alt+k', 'g i', '?', '+', 'mod++', '[', 'ü', 'f12', 'shift+arrowdown'])(
    'hold the key %s of an action',
    async (key) => {
      const { call } = await setup()
      const keys = { 'board.open': [key], 'app.undo': [] }
      expect((await call('settings.set', { settings: { keys } })).settings.keys).toEqual(keys)
    },
  )

  it.each([
    [{ quit_policy: 'shrug' }, 'quit_policy must be one of ask, leave, stop'],
    [{ quiet_from: '25:00', quiet_until: '07:00' }, 'HH:MM'],
    [{ quiet_from: '22:00' }, 'a beginning and an end'],
    [{ update_feed: 'file:///etc' }, 'https'],
    [{ update_feed: 'http://example.org/' }, 'https'],
    [{ update_feed: 'http://127.0.0.1.example.org/' }, 'https'],
    [{ notify_boards: { test: 'loud' } }, 'all, attention, none'],
    [{ keys: { 'board.open': ['Shift+X'] } }, 'a key must be written as in “m”'],
    [{ keys: { 'board.open': ['g'.repeat(2)] } }, 'a key must be written as in “m”'],
    [{ keys: { 'board.open': 'm' } }, 'the keys of an action must be a list'],
    [{ keys: { 'board.open': ['1', '2', '3', '4', '5'] } }, 'an action can have 4 keys at most'],
    [{ keys: { '<b>': ['m'] } }, 'keys'],
    [{ max_running: 0 }, ''],
    [{ min_free_memory_mb: -1 }, ''],
    [{ color: 'red' }, 'color'],
    [{}, 'Nothing to set'],
  ])('%j is refused, and nothing changes', async (settings, sentence) => {
    const { call, refused } = await setup()
    const error = await refused('INVALID_INPUT', 'settings.set', { settings: settings as never })
    expect(error.message).toContain(sentence)
    expect((await call('settings.show', {})).settings).toEqual(APP_SETTING_DEFAULTS)
  })

  it('with invalid values in the file count as not set', async () => {
    const { call, home } = await setup()
    const spoilt = { quit_policy: 7, max_running: 'many', keep_awake: false }
    writeFileSync(join(home, 'config.json'), JSON.stringify({ settings: spoilt }))
    const expected = { ...APP_SETTING_DEFAULTS, keep_awake: false }
    expect((await call('settings.show', {})).settings).toEqual(expected)
  })
})
