import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { environmentOf, type Home, runboardCommand } from './home.ts'

/** A running `runboard serve`: the page's server, and the dispatcher. */
export class Serve {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly token: string
  readonly #child: ChildProcess
  /** Its stderr output: normally empty. */
  #complaints = ''

  private constructor(child: ChildProcess, url: string, token: string) {
    this.#child = child
    this.url = url
    this.token = token
    child.stderr?.on('data', (chunk: Buffer) => (this.#complaints += chunk.toString()))
  }

  /** @throws Error with its output, if its first line is not the address */
  static start(home: Home, ...flags: string[]): Promise<Serve> {
    return Serve.startIn(home, {}, ...flags)
  }

  /** @param env variables in addition to those of the home */
  static async startIn(home: Home, env: Record<string, string>, ...flags: string[]): Promise<Serve> {
    const child = spawn(process.execPath, [runboardCommand, 'serve', '--port', '0', ...flags], {
      cwd: home.path,
      env: { ...environmentOf(home.path), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      once(child, 'exit').then(() => ['']),
    ])) as [string]
    const [, url, token] = /^Runboard is at (http:\S+)\/#token=(\S+)$/.exec(line) ?? []
    if (url === undefined || token === undefined) {
      throw new Error(`serve printed “${line}” ${String(child.stderr.read() ?? '')}`)
    }
    return new Serve(child, url, token)
  }

  get complaints(): string {
    return this.#complaints
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  /** @param place what follows the `#` in the page's address */
  address(place = '/'): string {
    return `${this.url}/#token=${this.token}&${place}`
  }

  /** May be called twice. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill(signal)
    await exited
  }
}
