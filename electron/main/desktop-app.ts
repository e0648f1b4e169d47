import { join } from 'node:path'
import { app, powerMonitor } from 'electron'
import type { AppSettings, BoardEvent, Client } from '../../contract/index.ts'
import { localClient } from '../../doors/ipc/index.ts'
import {
  type Caller,
  callerFromEnvironment,
  type Dispatching,
  type Kernel,
  type KernelOptions,
  openKernel,
} from '../../kernel/index.ts'
import { LiveSettings } from './app-settings.ts'
import { AppStateFile } from './app-state.ts'
import { Attention } from './attention.ts'
import { BoardWindows } from './board-windows.ts'
import { showDocumentation } from './documentation.ts'
import { raiseFences } from './fences.ts'
import { BoardFollower } from './follower.ts'
import { KeepAwake } from './keep-awake.ts'
import { HIDDEN_WORD, setStartAtLogin } from './login-item.ts'
import { setAppMenu } from './menu.ts'
import { Notifications } from './notifications.ts'
import { takePathOfLoginShell } from './own-command.ts'
import { OverviewFeed } from './overview-feed.ts'
import type { Overview } from './overview.ts'
import { connectPage } from './page-port.ts'
import { pageUrl, servePage } from './page.ts'
import { letPagePickPaths } from './pick-path.ts'
import { DEEP_LINK_SCHEME, deepLinkIn, parseDeepLink, type Place } from './places.ts'
import { quietUntil } from './quiet-hours.ts'
import { Quitting } from './quitting.ts'
import { shellFacts } from './shell-facts.ts'
import { type ShellActions, TrayIcon } from './tray.ts'
import { hasTrayHost } from './tray-host.ts'
import { Updates } from './updates.ts'

function report(message: string, cause?: unknown): void {
  console.error(message, cause ?? '')
}

/** The app: the kernel, its windows, and the tray and notifications while no window is open. */
export class DesktopApp {
  /** The environment that workers inherit. */
  readonly #env = { ...process.env }
  readonly #kernel: Kernel
  readonly #caller: Caller
  readonly #client: Client
  readonly #memory = new AppStateFile(join(app.getPath('userData'), 'shell.json'))
  readonly #settings: LiveSettings
  readonly #windows: BoardWindows
  readonly #notifications: Notifications
  readonly #tray: TrayIcon
  readonly #actions: ShellActions
  readonly #overview: OverviewFeed
  readonly #follower: BoardFollower
  readonly #attention: Attention
  readonly #keepAwake = new KeepAwake()
  readonly #updates: Updates
  readonly #quitting: Quitting
  #dispatching: Dispatching | undefined
  #newest: Overview | undefined
  /** The data of the current menu. */
  #menu = ''
  #hasTray = false

  /**
   * @param home RUNBOARD_HOME
   * @param cli how workers call the command line
   */
  constructor(home: string, cli: KernelOptions['cli']) {
    this.#kernel = openKernel({ home, env: this.#env, busy: 'yield', report, ...(cli && { cli }) })
    this.#caller = callerFromEnvironment(process.env, 'human')
    const client = localClient(this.#kernel, this.#caller)
    this.#client = client
    this.#windows = this.#boardWindows(pageUrl(app.isPackaged))
    this.#settings = new LiveSettings({ client, home, onChange: this.#onSettings, report })
    this.#updates = new Updates({ onChange: () => this.#showOverview(), report })
    this.#actions = this.#shellActions()
    this.#tray = new TrayIcon(this.#actions)
    this.#notifications = new Notifications({
      open: this.#actions.open,
      retry: (task) => void client.task.retry(task).catch((cause: unknown) => report('Not retried', cause)),
    })
    this.#overview = new OverviewFeed({ client, onRead: this.#onOverview, report })
    this.#attention = this.#newAttention()
    const since = (board: string) => this.#memory.state.told_until[board] ?? null
    this.#follower = new BoardFollower({ client, home, onEvent: this.#onEvent, since, report })
    this.#quitting = this.#createQuitting()
  }

  #boardWindows(page: string): BoardWindows {
    return new BoardWindows({
      page,
      memory: this.#memory,
      facts: () => shellFacts(this.#hasTray),
      connect: (contents) => {
        connectPage(contents, page, this.#kernel, this.#caller)
        letPagePickPaths(contents, page)
      },
    })
  }

  #shellActions(): ShellActions {
    return {
      open: (place) => {
        this.#windows.show(place)
      },
      setPaused: (paused) => void this.#setPaused(paused),
      act: (action) => void this.#act(action),
      showDocumentation,
      showSettings: (section) => void this.#showSettings(section),
      quitPolicy: () => this.#settings.current.quit_policy,
      updateState: () => this.#updates.state,
      update: () => void this.#updates.goOn(),
    }
  }

  #newAttention(): Attention {
    return new Attention({
      client: this.#client,
      tell: this.#notifications.tell,
      levelOf: (board) => {
        const { notify, notify_boards } = this.#settings.current
        return notify_boards[board] ?? notify
      },
      quietUntil: (now) => quietUntil(this.#settings.current, now),
      onTold: (board, mark) => {
        const { told_until } = this.#memory.state
        if (told_until[board]?.id === mark.id && told_until[board].at === mark.at) return
        this.#memory.change({ told_until: { ...told_until, [board]: mark } })
      },
      report,
    })
  }

  #createQuitting(): Quitting {
    return new Quitting({
      client: this.#client,
      policy: () => this.#settings.current.quit_policy,
      stopDispatching: async () => this.#dispatching?.stop(),
      stay: () => void this.#show(null),
      onQuit: () => {
        this.#windows.prepareToQuit()
      },
      stop: () => this.#stop(),
      report,
    })
  }

  /**
   * The app may be asked to quit at any time during this.
   *
   * @param words the command line, which may contain a deep link
   */
  async start(words: readonly string[]): Promise<void> {
    try {
      await this.#begin(words)
    } catch (error) {
      if (!this.#quitting.isStopping) throw error
    }
  }

  async #begin(words: readonly string[]): Promise<void> {
    this.#listen()
    raiseFences()
    servePage(app.isPackaged)
    const [{ boards, current }, hasTray] = await Promise.all([this.#boards(), hasTrayHost()])
    this.#hasTray = hasTray
    // Windows do not wait for the login shell. Workers do, because they need its PATH.
    void takePathOfLoginShell(this.#env).then(() => {
      if (!this.#quitting.isStopping) this.#dispatching = this.#kernel.startDispatching()
    })
    const place = deepLinkIn(words)
    if (place !== null) this.#windows.show(place)
    else if (!words.includes(HIDDEN_WORD) || !hasTray) this.#windows.restore(boards, current)
    await this.#settings.start()
    await this.#follower.start()
    await this.#overview.start()
  }

  /** The boards of the home. An empty home gets the demo, so that the first window shows work in progress. */
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
    app.on('window-all-closed', () => void this.#onNoWindow())
    // After the machine has slept, the overview may be a day old.
    powerMonitor.on('resume', () => void this.#overview.runOnce())
    this.#quitting.listen()
  }

  async #onNoWindow(): Promise<void> {
    // A tray may have appeared or disappeared since the start.
    this.#hasTray = await hasTrayHost()
    if (this.#hasTray && this.#settings.current.close_to_tray) this.#sayThatItStays()
    else app.quit()
  }

  async #show(place: Place | null): Promise<void> {
    if (place === null) this.#windows.showAny((await this.#boards()).current)
    else this.#windows.show(place)
  }

  async #act(action: string): Promise<void> {
    this.#windows.act(action, (await this.#boards()).current)
  }

  async #showSettings(section: string): Promise<void> {
    this.#windows.showSettings(section, (await this.#boards()).current)
  }

  /** Shown once ever: an app without a window looks as if it had quit. */
  #sayThatItStays(): void {
    const board = this.#newest?.boards[0]?.slug
    if (this.#memory.state.told_about_tray || board === undefined) return
    this.#memory.change({ told_about_tray: true })
    const body = 'It keeps claiming work. Open or quit it from its icon in the tray.'
    this.#notifications.tell({
      title: 'Runboard is still running',
      body,
      place: { board },
      group: 'finished',
    })
  }

  readonly #onEvent = (board: string, event: BoardEvent): void => {
    this.#attention.notice(board, event)
    this.#overview.changed()
  }

  readonly #onSettings = ({ start_at_login, update_feed }: AppSettings): void => {
    setStartAtLogin(start_at_login)
    this.#updates.setFeed(update_feed)
    this.#attention.quietHoursChanged()
    this.#showOverview()
  }

  readonly #onOverview = (overview: Overview): void => {
    this.#newest = overview
    this.#showOverview()
  }

  #showOverview(): void {
    if (this.#newest === undefined || this.#quitting.isStopping) return
    this.#keepAwake.set(this.#settings.current.keep_awake && this.#newest.running > 0)
    this.#tray.update(this.#newest)
    this.#updateMenu(this.#newest)
  }

  /** Only if it changed: replacing the menu closes an open one. */
  #updateMenu({ boards }: Overview): void {
    const shown = JSON.stringify([boards, this.#settings.current.quit_policy, this.#updates.state])
    if (shown === this.#menu) return
    this.#menu = shown
    setAppMenu(boards, this.#actions)
  }

  async #setPaused(paused: boolean): Promise<void> {
    try {
      const { boards } = await this.#client.board.list({})
      const { dispatcher } = this.#client
      const set = paused ? dispatcher.pause : dispatcher.resume
      await Promise.all(boards.map(({ slug }) => set({ board: slug })))
    } catch (error) {
      report(paused ? 'Not every board could be paused' : 'Not every board could be resumed', error)
    }
    await this.#overview.runOnce()
  }

  /** Releases everything. Workers keep running unless the policy stopped them; the next dispatcher takes them over. */
  async #stop(): Promise<void> {
    this.#settings.stop()
    this.#overview.stop()
    this.#attention.stop()
    this.#follower.stop()
    this.#updates.stop()
    this.#keepAwake.stop()
    this.#tray.close()
    await this.#dispatching?.stop()
    await this.#kernel.close()
  }
}
