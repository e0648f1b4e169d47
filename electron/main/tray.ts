import { app, Menu, type MenuItemConstructorOptions, type NativeImage, nativeImage, Tray } from 'electron'
import type { QuitPolicy } from '../../contract/index.ts'
import { e2e } from './e2e-hooks.ts'
import { lookCount, type Overview, overviewLine, trayState } from './overview.ts'
import type { Place } from './places.ts'
import { drawTrayIcon, ICON_POINTS, trayPictures } from './tray-icon.ts'
import type { UpdateState } from './updates.ts'

/** Longer titles make a menu too wide to read. */
const LABEL_LENGTH = 60

const QUIT_LABELS: Record<QuitPolicy, string> = {
  ask: 'Quit…',
  leave: 'Quit (workers keep running)',
  stop: 'Quit (workers are stopped)',
}

/** The actions of the menus, and the state that they show. */
export interface ShellActions {
  open: (place: Place) => void
  /** Pauses or resumes every board. */
  setPaused: (paused: boolean) => void
  /** Runs an action in the page of the front window, by its id. */
  act: (action: string) => void
  /** Opens the documentation in the system's program for it. */
  showDocumentation: () => void
  /** @param section of the settings */
  showSettings: (section: string) => void
  quitPolicy: () => QuitPolicy
  updateState: () => UpdateState
  /** Downloads or installs the newer version. */
  update: () => void
}

/** @returns the item that quits, with what happens to the workers */
export function quitItem(actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: QUIT_LABELS[actions.quitPolicy()],
    click: () => {
      app.quit()
    },
  }
}

/** @returns the item that updates the app, if a newer version is known */
export function updateItems(actions: ShellActions): MenuItemConstructorOptions[] {
  const state = actions.updateState()
  if (state === null) return []
  const labels = {
    available: `Download Runboard ${state.version}`,
    loading: `Downloading Runboard ${state.version} …`,
    ready: `Restart to install Runboard ${state.version}`,
  }
  return [{ label: labels[state.step], enabled: state.step !== 'loading', click: actions.update }]
}

function iconOf(overview: Overview): NativeImage {
  const image = nativeImage.createEmpty()
  for (const { scale_factor: scaleFactor, side, drawn_at } of trayPictures(process.platform)) {
    const pixels = drawTrayIcon(trayState(overview), lookCount(overview), drawn_at)
    const drawnSide = ICON_POINTS * drawn_at
    const drawn = nativeImage.createFromBitmap(pixels, { width: drawnSide, height: drawnSide })
    const picture = drawnSide === side ? drawn : drawn.resize({ width: side, height: side, quality: 'best' })
    image.addRepresentation({ scaleFactor, width: side, height: side, buffer: picture.toPNG() })
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
    // An ampersand marks a menu key unless it is doubled.
    label: label.slice(0, LABEL_LENGTH).replaceAll('&', '&&'),
    click: () => {
      open(place)
    },
  }))
  return [{ label: title, enabled: false }, ...items, { type: 'separator' }]
}

function menuOf(overview: Overview, actions: ShellActions): MenuItemConstructorOptions[] {
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
    ...updateItems(actions),
    quitItem(actions),
  ]
}

/** The icon in the system's tray, with the state of all boards. Without a tray it does nothing. */
export class TrayIcon {
  readonly #actions: ShellActions
  #tray: Tray | null = null
  #overview: Overview | null = null
  #shown = ''

  constructor(actions: ShellActions) {
    this.#actions = actions
  }

  update(overview: Overview): void {
    const template = menuOf(overview, this.#actions)
    const shown = JSON.stringify([overview, template])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#overview = overview
    if (e2e !== null) {
      const labels = template.map(({ label }) => label ?? '').filter((label) => label !== '')
      // The arguments of a click (item, window, keys) are not used.
      const click = (label: string) => {
        for (const item of template) if (item.label === label) (item.click as (() => void) | undefined)?.()
      }
      e2e.tray = { tooltip: overviewLine(overview), count: lookCount(overview), labels, click }
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
