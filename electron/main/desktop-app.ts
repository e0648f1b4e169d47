import { join } from 'node:path'
import { Notification, app } from 'electron'
import type { BoardEvent, Client } from '../../contract/index.ts'
import { localClient } from '../../doors/ipc/index.ts'
import { callerFromEnvironment, openKernel } from '../../kernel/index.ts'
import type { Caller, Dispatching, Kernel, KernelOptions } from '../../kernel/index.ts'
import { AppStateFile } from './app-state.ts'
import { Attention } from './attention.ts'
import { BoardWindows } from './board-windows.ts'
import { raiseFences } from './fences.ts'
import { BoardFollower } from './follower.ts'
import { setAppMenu } from './menu.ts'
import { Notifications } from './notifications.ts'
import { takePathOfLoginShell } from './own-command.ts'
import { readOverview } from './overview.ts'
import { connectPage } from './page-port.ts'
import { pageUrl, servePage } from './page.ts'
import { DEEP_LINK_SCHEME, deepLinkIn, parseDeepLink } from './places.ts'
import type { Place } from './places.ts'
import { TrayIcon } from './tray.ts'
import { hasTrayHost } from './tray-host.ts'

/** Quitting waits so long at most for what runs in the background to be put down, in milliseconds. */
const STOPPING_MS = 5_000
/** How long after a change the tray is brought up to date, in milliseconds. Changes come in bursts. */
const OVERVIEW_MS = 400
/** Without a change it is read again all the same: “today” ends, other processes write. In milliseconds. */
const OVERVIEW_SWEEP_MS = 60_000

function report(message: string, cause?: unknown): void {
  console.error(message, cause ?? '')
}

/** The app: the kernel, the windows on it, and what tells of it while no window is open. */
export class DesktopApp {
  /** What workers inherit. */
  readonly #env = { ...process.env }
  readonly #kernel: Kernel
  readonly #caller: Caller
  readonly #client: Client
  readonly #windows: BoardWindows
  readonly #memory: AppStateFile
  readonly #tray: TrayIcon
  readonly #follower: BoardFollower
  readonly #attention: Attention
  #dispatching: Dispatching | undefined
  #overviewTimer: NodeJS.Timeout | undefined
  #sweepTimer: NodeJS.Timeout | undefined
  #staysInTray = false
  #stopping: Promise<void> | undefined

  /**
   * @param home RUNBOARD_HOME
   * @param cli how workers call the command line
   */
  constructor(home: string, cli: KernelOptions['cli']) {
    this.#kernel = openKernel({ home, env: this.#env, busy: 'yield', report, ...(cli && { cli }) })
    this.#caller = callerFromEnvironment(process.env, 'human')
    this.#client = localClient(this.#kernel, this.#caller)
    this.#memory = new AppStateFile(join(app.getPath('userData'), 'shell.json'))
    const page = pageUrl(app.isPackaged)
    this.#windows = new BoardWindows({
      page,
      memory: this.#memory,
      connect: (contents) => {
        connectPage(contents, page, this.#kernel, this.#caller)
      },
    })
    const open = (place: Place) => {
      this.#windows.show(place)
    }
    this.#tray = new TrayIcon({ open, setPaused: (paused) => void this.#setPaused(paused) })
    this.#attention = new Attention({ client: this.#client, tell: new Notifications(open).tell, report })
    this.#follower = new BoardFollower({ client: this.#client, onEvent: this.#onEvent, report })
  }

  /** @param words the command line, which may hold a deep link */
  async start(words: readonly string[]): Promise<void> {
    this.#listen()
    raiseFences()
    servePage()
    const { boards, current } = await this.#boards()
    // Windows do not wait for the shell; workers do, for what they are to find with its help.
    void takePathOfLoginShell(this.#env).then(() => {
      if (this.#stopping === undefined) this.#dispatching = this.#kernel.startDispatching()
    })
    const place = deepLinkIn(words)
    if (place === null) this.#windows.restore(boards, current)
    else this.#windows.show(place)
    await this.#follower.start()
    this.#staysInTray = await hasTrayHost()
    await this.#updateOverview()
    this.#sweepTimer = setInterval(() => void this.#updateOverview(), OVERVIEW_SWEEP_MS)
  }

  /** The boards of the home; an empty one gets the demo, so that the first window shows work being done. */
  async #boards(): Promise<{ boards: string[]; current: string }> {
    const list = async () => (await this.#client.board.list({})).boards
    let boards = await list()
    if (boards.length === 0) {
      await this.#client.demo.create({})
      boards = await list()
    }
    const current = boards.find((board) => board.current) ?? boards[0]
    return { boards: boards.map(({ slug }) => slug), current: current?.slug ?? 'default' }
  }

  #listen(): void {
    if (app.isPackaged) app.setAsDefaultProtocolClient(DEEP_LINK_SCHEME)
    app.on('second-instance', (_event, words) => void this.#show(deepLinkIn(words)))
    app.on('open-url', (event, url) => {
      event.preventDefault()
      void this.#show(parseDeepLink(url))
    })
    app.on('activate', () => void this.#show(null))
    app.on('window-all-closed', () => {
      if (this.#staysInTray) this.#sayThatItStays()
      else app.quit()
    })
    app.on('will-quit', (event) => {
      if (this.#stopping !== undefined) return
      event.preventDefault()
      this.#stopping = this.#stop()
      const late = new Promise((resolve) => setTimeout(resolve, STOPPING_MS))
      void Promise.race([this.#stopping, late]).finally(() => {
        app.exit(0)
      })
    })
  }

  async #show(place: Place | null): Promise<void> {
    if (place === null) this.#windows.showAny((await this.#boards()).current)
    else this.#windows.show(place)
  }

  /** Said once ever: an app without a window looks as if it had ended. */
  #sayThatItStays(): void {
    if (this.#memory.state.told_about_tray) return
    this.#memory.change({ told_about_tray: true })
    const body = 'It goes on claiming work. Open or quit it from its icon in the tray.'
    new Notification({ title: 'Runboard is still running', body }).show()
  }

  readonly #onEvent = (board: string, event: BoardEvent): void => {
    this.#attention.notice(board, event)
    this.#overviewTimer ??= setTimeout(() => void this.#updateOverview(), OVERVIEW_MS)
  }

  async #updateOverview(): Promise<void> {
    clearTimeout(this.#overviewTimer)
    this.#overviewTimer = undefined
    try {
      const overview = await readOverview(this.#client)
      if (this.#stopping !== undefined) return
      this.#tray.update(overview)
      setAppMenu(overview.boards, {
        open: (place) => {
          this.#windows.show(place)
        },
        setPaused: (paused) => void this.#setPaused(paused),
      })
    } catch (cause) {
      report('The state of the boards could not be read', cause)
    }
  }

  async #setPaused(paused: boolean): Promise<void> {
    try {
      const { boards } = await this.#client.board.list({})
      const { dispatcher } = this.#client
      const set = paused ? dispatcher.pause : dispatcher.resume
      const healthy = boards.filter(({ problem }) => problem === null)
      await Promise.all(healthy.map(({ slug }) => set({ board: slug })))
    } catch (cause) {
      report(paused ? 'Not every board could be paused' : 'Not every board could be resumed', cause)
    }
    await this.#updateOverview()
  }

  /** Gives everything back. Workers live on; whoever dispatches next watches them. */
  async #stop(): Promise<void> {
    clearTimeout(this.#overviewTimer)
    clearInterval(this.#sweepTimer)
    this.#attention.stop()
    this.#follower.stop()
    this.#tray.close()
    await this.#dispatching?.stop()
    await this.#kernel.close()
  }
}
