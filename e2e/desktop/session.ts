import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { drawTrayIcon, ICON_POINTS } from '../../electron/main/tray-icon.ts'
import { end, firstLine, type Picture, TELLS_ON_3, XServer } from '../x-server.ts'

const run = promisify(execFile)

type TrayState = Parameters<typeof drawTrayIcon>[0]

/** The icon of the app as a panel shows it that has room for all of its pixels. */
function iconOf(state: TrayState, count: number): Picture {
  return { side: ICON_POINTS, pixels: drawTrayIcon(state, count, 1) }
}

/** One panel at the lower edge, with nothing but a tray. */
const PANEL = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=900;y=985"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="${ICON_POINTS}"/>
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
`

/** Notifications stay until they are closed, in the upper right corner, and a click acts. */
const DUNST = `[global]
  origin = top-right
  offset = 10x10
  width = 300
  mouse_left_click = do_action, close_current
  notification_limit = 0
  idle_threshold = 0
[urgency_low]
  timeout = 0
[urgency_normal]
  timeout = 0
[urgency_critical]
  timeout = 0
`
const IN_NOTIFICATION = { x: 1700, y: 30 }

interface MenuItem {
  id: number
  label: string
}

/** The session of a user at a desktop: a screen, a bus, a window manager, notifications and a panel with a tray. */
export class DesktopSession {
  /** What programs of this session find in their environment. */
  readonly env: Record<string, string>
  readonly #screen: XServer
  readonly #folder: string
  readonly #programs: ChildProcess[] = []

  private constructor(screen: XServer, folder: string) {
    this.#screen = screen
    this.#folder = folder
    this.env = {
      DISPLAY: screen.display,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_CURRENT_DESKTOP: 'XFCE',
      // No bus for screen readers, which would be started for each program.
      NO_AT_BRIDGE: '1',
    }
  }

  static async start(): Promise<DesktopSession> {
    const folder = mkdtempSync(join(tmpdir(), 'runboard-desktop-'))
    const session = new DesktopSession(await XServer.start(), folder)
    try {
      await session.#start()
    } catch (error) {
      await session.stop()
      throw error
    }
    return session
  }

  async #start(): Promise<void> {
    this.#write('config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml', PANEL)
    this.#write('config/dunst/dunstrc', DUNST)
    const bus = this.#spawn('dbus-daemon', '--session', '--nofork', '--print-address=3')
    this.env['DBUS_SESSION_BUS_ADDRESS'] = await firstLine(bus, 'dbus-daemon')
    this.#spawn('openbox')
    this.#spawn('dunst')
    this.#spawn('xfce4-panel')
    await this.#isOnBus('org.freedesktop.Notifications')
    await this.#isOnBus('org.kde.StatusNotifierWatcher')
  }

  #write(name: string, text: string): void {
    const path = join(this.#folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  #spawn(program: string, ...words: string[]): ChildProcess {
    const child = spawn(program, words, { stdio: TELLS_ON_3, env: { ...process.env, ...this.env } })
    this.#programs.push(child)
    return child
  }

  async #run(program: string, ...words: string[]): Promise<string> {
    return (await run(program, words, { env: { ...process.env, ...this.env } })).stdout.trimEnd()
  }

  async #isOnBus(name: string): Promise<void> {
    await this.#run('gdbus', 'wait', '--session', '--timeout=20', name)
  }

  async stop(): Promise<void> {
    for (const program of this.#programs.toReversed()) await end(program)
    await this.#screen.stop()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  /** Waits until the panel shows the icon of this state, with this count. @returns where it is */
  async showsIcon(state: TrayState, count: number): Promise<{ x: number; y: number }> {
    await expect.poll(() => this.#screen.find(iconOf(state, count)), `${state} ${count}`).not.toBeNull()
    return this.#screen.find(iconOf(state, count)) ?? { x: 0, y: 0 }
  }

  async click({ x, y }: { x: number; y: number }): Promise<void> {
    await this.#run('xdotool', 'mousemove', `${x}`, `${y}`, 'click', '1')
  }

  /** @returns how many windows of the app are visible */
  async windows(): Promise<number> {
    const found = await this.#run('xdotool', 'search', '--onlyvisible', '--class', 'runboard').catch(
      (error: unknown) => {
        if ((error as { code?: unknown }).code === 1) return '' // xdotool has found none
        throw error
      },
    )
    return found.split('\n').filter((line) => line !== '').length
  }

  /** The JSON of what an object on the bus returns. */
  async #ask<Answer>(...words: string[]): Promise<Answer> {
    const address = `--address=${this.env['DBUS_SESSION_BUS_ADDRESS']}`
    return (
      JSON.parse(await this.#run('busctl', address, '--json=short', '--', ...words)) as { data: Answer }
    ).data
  }

  /** The service of the app's tray icon and the path of its menu. */
  async #menu(): Promise<[service: string, path: string]> {
    const watcher = [
      'org.kde.StatusNotifierWatcher',
      '/StatusNotifierWatcher',
      'org.kde.StatusNotifierWatcher',
    ]
    const [item = ''] = await this.#ask<string[]>('get-property', ...watcher, 'RegisteredStatusNotifierItems')
    const slash = item.indexOf('/')
    const [service, path] = [item.slice(0, slash), item.slice(slash)]
    return [
      service,
      await this.#ask<string>('get-property', service, path, 'org.kde.StatusNotifierItem', 'Menu'),
    ]
  }

  /** The items of the tray's menu, as the panel reads them. */
  async #items(): Promise<MenuItem[]> {
    type Item = [id: number, properties: { label?: { data: string } }, children: { data: Item }[]]
    const call = ['com.canonical.dbusmenu', 'GetLayout', 'iias', '0', '-1', '0']
    const [, [, , items]] = await this.#ask<[number, Item]>('call', ...(await this.#menu()), ...call)
    return items.flatMap(({ data: [id, { label }] }) =>
      label === undefined ? [] : [{ id, label: label.data }],
    )
  }

  async menuLabels(): Promise<string[]> {
    return (await this.#items()).map(({ label }) => label)
  }

  /** Chooses an item of the tray's menu, as the panel does. */
  async choose(label: string): Promise<void> {
    const item = (await this.#items()).find((one) => one.label === label)
    if (item === undefined)
      throw new Error(`The menu has no “${label}”: ${(await this.menuLabels()).join(', ')}`)
    const event = ['com.canonical.dbusmenu', 'Event', 'isvu', `${item.id}`, 'clicked', 's', '', '0']
    await this.#run(
      'busctl',
      `--address=${this.env['DBUS_SESSION_BUS_ADDRESS']}`,
      '--',
      'call',
      ...(await this.#menu()),
      ...event,
    )
  }

  /** The summaries of all notifications so far, in order. Those that are still visible are closed. */
  async notified(): Promise<string[]> {
    await this.#run('dunstctl', 'close-all')
    const history = JSON.parse(await this.#run('dunstctl', 'history')) as {
      data: [{ summary: { data: string } }[]]
    }
    return history.data[0].map(({ summary }) => summary.data).toReversed()
  }

  /** Waits until exactly one notification is visible, and clicks it. */
  async clickNotification(): Promise<void> {
    await expect.poll(() => this.#run('dunstctl', 'count', 'displayed')).toBe('1')
    await this.click(IN_NOTIFICATION)
  }
}
