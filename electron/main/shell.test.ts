import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppStateFile } from './app-state.ts'
import { drawTrayIcon, ICON_POINTS, trayPictures } from './tray-icon.ts'

describe('the remembered state', () => {
  let folder: string
  let path: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'runboard-shell-'))
    path = join(folder, 'electron', 'shell.json')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is restored at the next start', async () => {
    const bounds = { x: 1, y: 2, width: 3, height: 4 }
    new AppStateFile(path).change({ windows: { home: { bounds, maximized: true } }, open: ['home'] })
    const { state } = new AppStateFile(path)
    expect(state).toEqual({
      windows: { home: { bounds, maximized: true } },
      open: ['home'],
      told_about_tray: false,
      told_until: {},
    })
    expect(await readdir(join(folder, 'electron'))).toEqual(['shell.json'])
  })

  it('keeps the last events that notifications covered, also as older versions wrote them', async () => {
    path = join(folder, 'shell.json')
    await writeFile(path, '{"told_until":{"a":5,"b":{"id":6,"at":7},"c":"x","d":{"id":8},"e":null}}')
    expect(new AppStateFile(path).state.told_until).toEqual({ a: { id: 5, at: null }, b: { id: 6, at: 7 } })
  })

  it.each(['', '{', '[]', 'null', '{"windows":[],"open":{}}'])(
    'is empty when the file has %j',
    async (text) => {
      path = join(folder, 'shell.json')
      await writeFile(path, text)
      expect(new AppStateFile(path).state).toEqual({
        windows: {},
        open: [],
        told_about_tray: false,
        told_until: {},
      })
      expect(await readFile(path, 'utf8')).toBe(text)
    },
  )
})

describe('the tray icon', () => {
  it.each([1, 2])('has the right size for the scale %i', (scale) => {
    expect(drawTrayIcon('idle', 0, scale)).toHaveLength((ICON_POINTS * scale) ** 2 * 4)
  })

  it.each([
    ['linux', [22, 44]],
    ['freebsd', [22, 44]],
    ['darwin', [18, 36]],
    ['win32', [16, 20, 24, 32]],
  ] as const)('has the sizes that %s shows, none of them made larger than it is drawn', (platform, sides) => {
    const pictures = trayPictures(platform)
    expect(pictures.map(({ side }) => side)).toEqual(sides)
    for (const { side, drawn_at } of pictures) expect(ICON_POINTS * drawn_at).toBeGreaterThanOrEqual(side)
  })

  it('differs by state and by count, and is the same for all counts from ten', () => {
    const icons = [
      drawTrayIcon('idle', 0, 1),
      drawTrayIcon('running', 0, 1),
      drawTrayIcon('needs_you', 1, 1),
      drawTrayIcon('error', 1, 1),
      ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map((count) => drawTrayIcon('error', count, 1)),
    ]
    expect(new Set(icons.map((icon) => icon.toString('base64'))).size).toBe(icons.length)
    expect(drawTrayIcon('error', 10, 1)).toEqual(drawTrayIcon('error', 250, 1))
  })
})
