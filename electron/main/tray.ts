import { Menu, Tray, app, nativeImage } from 'electron'
import type { MenuItemConstructorOptions, NativeImage } from 'electron'
import { e2e } from './e2e-hooks.ts'
import { lookCount, overviewLine, trayState } from './overview.ts'
import type { Overview } from './overview.ts'
import type { Place } from './places.ts'
import { drawTrayIcon, ICON_POINTS } from './tray-icon.ts'

/** Longer titles make a menu too wide to read. */
const LABEL_LENGTH = 60

export const QUIT_LABEL = 'Quit (workers keep running)'

export interface TrayActions {
  open: (place: Place) => void
  /** Pauses or resumes every board. */
  setPaused: (paused: boolean) => void
}

function iconOf(overview: Overview): NativeImage {
  const image = nativeImage.createEmpty()
  for (const scaleFactor of [1, 2]) {
    const side = ICON_POINTS * scaleFactor
    const pixels = drawTrayIcon(trayState(overview), lookCount(overview), scaleFactor)
    const drawn = nativeImage.createFromBitmap(pixels, { width: side, height: side })
    image.addRepresentation({ scaleFactor, width: side, height: side, buffer: drawn.toPNG() })
  }
  return image
}

function placeItems(
  title: string,
  entries: Overview['failures'],
  open: (place: Place) => void,
): MenuItemConstructorOptions[] {
  if (entries.length === 0) return []
  const items = entries.map(({ label, place }) => ({
    // An ampersand marks a key of the menu unless it is doubled.
    label: label.slice(0, LABEL_LENGTH).replaceAll('&', '&&'),
    click: () => {
      open(place)
    },
  }))
  return [{ label: title, enabled: false }, ...items, { type: 'separator' }]
}

function menuOf(overview: Overview, actions: TrayActions): MenuItemConstructorOptions[] {
  return [
    { label: overviewLine(overview), enabled: false },
    { type: 'separator' },
    ...placeItems('Failed', overview.failures, actions.open),
    ...placeItems('Needs you', overview.waiting, actions.open),
    ...overview.boards.map(({ slug, name }) => ({
      label: `Open ${name.slice(0, LABEL_LENGTH).replaceAll('&', '&&')}`,
      click: () => {
        actions.open({ board: slug })
      },
    })),
    { type: 'separator' },
    {
      label: overview.paused ? 'Resume' : 'Pause',
      click: () => {
        actions.setPaused(!overview.paused)
      },
    },
    {
      label: QUIT_LABEL,
      click: () => {
        app.quit()
      },
    },
  ]
}

/** The icon in the system's tray: the state of all boards at a glance. Where there is no tray it does nothing. */
export class TrayIcon {
  readonly #actions: TrayActions
  #tray: Tray | null = null
  #overview: Overview | null = null

  constructor(actions: TrayActions) {
    this.#actions = actions
  }

  update(overview: Overview): void {
    if (JSON.stringify(overview) === JSON.stringify(this.#overview)) return
    this.#overview = overview
    const template = menuOf(overview, this.#actions)
    if (e2e !== null) {
      const labels = template.map(({ label }) => label ?? '').filter((label) => label !== '')
      e2e.tray = { tooltip: overviewLine(overview), count: lookCount(overview), labels }
      e2e.overview = overview
    }
    app.setBadgeCount(lookCount(overview))
    const image = iconOf(overview)
    this.#tray ??= this.#make(image)
    this.#tray.setImage(image)
    this.#tray.setToolTip(overviewLine(overview))
    this.#tray.setContextMenu(Menu.buildFromTemplate(template))
  }

  close(): void {
    this.#tray?.destroy()
    this.#tray = null
  }

  #make(image: NativeImage): Tray {
    const tray = new Tray(image)
    tray.on('click', () => {
      const board = this.#overview?.boards[0]?.slug
      // On macOS a click opens the menu.
      if (board !== undefined && process.platform !== 'darwin') this.#actions.open({ board })
    })
    return tray
  }
}
