import { join } from 'node:path'
import { BrowserWindow, type Display, nativeTheme, screen, type WebContents } from 'electron'
import type { AppStateFile, Bounds, WindowState } from './app-state.ts'
import { boardIn, hashOf, type Place } from './places.ts'

const USUAL_SIZE = { width: 1360, height: 880 }
const LEAST_SIZE = { minWidth: 480, minHeight: 360 }

/** The same step as the menu's Zoom In. */
const ZOOM_STEP = 0.5

/** A page that crashes again within this time is not reloaded. In milliseconds. */
const CRASH_PAUSE_MS = 10_000

export interface BoardWindowsOptions {
  /** The start of the page's address. */
  page: string
  memory: AppStateFile
  connect: (contents: WebContents) => void
  /** Facts about the shell for the page: plain data. */
  facts: () => object
}

interface BoardWindow {
  window: BrowserWindow
  board: string
}

function isOnScreen({ x, y, width, height }: Bounds): boolean {
  return screen.getAllDisplays().some(({ workArea: area }) => {
    const overlapX = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
    const overlapY = Math.min(y + height, area.y + area.height) - Math.max(y, area.y)
    return overlapX > 100 && overlapY > 50
  })
}

/** @returns the usual size, or less if the window's screen is smaller */
function sizeOnScreen(size: { width: number; height: number }, { workArea }: Display) {
  return { width: Math.min(size.width, workArea.width), height: Math.min(size.height, workArea.height) }
}

/** @returns the last position of a window if it is still visible; else only the usual size */
function placeOnScreen(last: Bounds | undefined): Partial<Bounds> {
  if (last === undefined || !isOnScreen(last)) return sizeOnScreen(USUAL_SIZE, screen.getPrimaryDisplay())
  return { ...last, ...sizeOnScreen(last, screen.getDisplayMatching(last)) }
}

/** The windows of the app: one per board, each at its last position. */
export class BoardWindows {
  readonly #options: BoardWindowsOptions
  readonly #windows = new Set<BoardWindow>()
  #quitting = false

  constructor(options: BoardWindowsOptions) {
    this.#options = options
  }

  /** Remembers which windows are open, before they are all closed. */
  prepareToQuit(): void {
    this.#remember()
    this.#quitting = true
  }

  /** Opens the windows that were open last, of boards that still exist; else the given board. */
  restore(boards: readonly string[], current: string): void {
    const open = this.#options.memory.state.open.filter((board) => boards.includes(board))
    for (const board of open.length === 0 ? [current] : open) this.show({ board })
  }

  /** Shows the place in its board's window, which is brought to the front or opened. */
  show(place: Place): void {
    const found = [...this.#windows].find(({ board }) => board === place.board)
    if (found === undefined) {
      this.#open(place)
      return
    }
    this.#focus(found.window)
    const isElsewhere = place.task !== undefined || place.view !== undefined
    const url = this.#options.page + hashOf(place)
    // Only the fragment differs, so the page stays and gets a hashchange event.
    if (isElsewhere && found.window.webContents.getURL() !== url) void found.window.loadURL(url)
  }

  /** Brings the most recently used window to the front, or opens the given board. */
  showAny(board: string): void {
    const last = [...this.#windows].at(-1)
    if (last === undefined) this.#open({ board })
    else this.#focus(last.window)
  }

  /** As `showAny`, then shows a section of the settings. */
  showSettings(section: string, board: string): void {
    this.showAny(board)
    void [...this.#windows].at(-1)?.window.loadURL(`${this.#options.page}#/settings/${section}`)
  }

  /** As `showAny`, then runs an action of the page. */
  act(action: string, board: string): void {
    this.showAny(board)
    const contents = [...this.#windows].at(-1)?.window.webContents
    const send = () => contents?.send('action', action)
    if (contents?.isLoading() === true) contents.once('did-finish-load', send)
    else send()
  }

  #focus(window: BrowserWindow): void {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  #open(place: Place): void {
    const state = this.#options.memory.state.windows[place.board]
    const window = new BrowserWindow({
      ...placeOnScreen(state?.bounds),
      ...LEAST_SIZE,
      title: 'Runboard',
      show: false,
      backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#f7f8fa',
      webPreferences: {
        preload: join(__dirname, '../preload/index.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        spellcheck: false,
        additionalArguments: [`--runboard-shell=${JSON.stringify(this.#options.facts())}`],
      },
    })
    if (state?.maximized === true) window.maximize()
    const entry: BoardWindow = { window, board: place.board }
    this.#windows.add(entry)
    this.#watch(entry)
    this.#options.connect(window.webContents)
    void window.loadURL(this.#options.page + hashOf(place))
  }

  #watch(entry: BoardWindow): void {
    const { window } = entry
    window.once('ready-to-show', () => {
      window.show()
    })
    window.on('focus', () => {
      // The last of the set is the most recently used one.
      this.#windows.delete(entry)
      this.#windows.add(entry)
    })
    window.webContents.on('did-navigate-in-page', (_event, url) => {
      entry.board = boardIn(url) ?? entry.board
    })
    window.webContents.on('before-input-event', (event, { type, key, control, meta }) => {
      // The menu's Zoom In uses +, which on most keyboards is Shift with this key.
      if (type !== 'keyDown' || key !== '=' || !(process.platform === 'darwin' ? meta : control)) return
      event.preventDefault()
      window.webContents.setZoomLevel(window.webContents.getZoomLevel() + ZOOM_STEP)
    })
    let crashedAt = Number.NEGATIVE_INFINITY
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      if (reason === 'clean-exit' || performance.now() - crashedAt < CRASH_PAUSE_MS) return
      crashedAt = performance.now()
      window.webContents.reload()
    })
    window.on('close', () => {
      if (!this.#quitting) this.#remember(entry)
    })
    window.on('closed', () => {
      this.#windows.delete(entry)
    })
  }

  /** @param closing a window that should not reopen at the next start, unless it is the last one */
  #remember(closing?: BoardWindow): void {
    const { state } = this.#options.memory
    const windows: Record<string, WindowState> = { ...state.windows }
    for (const { window, board } of this.#windows) {
      windows[board] = { bounds: window.getNormalBounds(), maximized: window.isMaximized() }
    }
    const staying = [...this.#windows].filter((entry) => entry !== closing).map(({ board }) => board)
    const open = staying.length === 0 ? state.open : staying
    this.#options.memory.change({
      windows,
      open: closing !== undefined && staying.length === 0 ? [closing.board] : open,
    })
  }
}
