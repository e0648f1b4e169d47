import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Complaints } from '../complaints.ts'
import { DEBUG, PackagedApp } from './packaged-app.ts'

const run = promisify(execFile)

/** An ordinary user of this machine, with the environment of a new session. Only root can make one. */
export class User {
  readonly home: string
  readonly #name: string
  readonly #env: Record<string, string>

  private constructor(name: string, display: string) {
    this.#name = name
    this.home = `/home/${name}`
    this.#env = {
      HOME: this.home,
      USER: name,
      LOGNAME: name,
      SHELL: '/bin/bash',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      DISPLAY: display,
    }
  }

  /** @param display where they see the app's windows */
  static async create(display: string): Promise<User> {
    const user = new User(`runboard-${process.pid}`, display)
    await run('useradd', ['--create-home', '--home-dir', user.home, '--shell', '/bin/bash', user.#name])
    return user
  }

  /** Where the app keeps their boards. */
  get boards(): string {
    return join(this.home, '.local/share/runboard')
  }

  #words(program: string, words: readonly string[]): string[] {
    return [`--reuid=${this.#name}`, `--regid=${this.#name}`, '--init-groups', program, ...words]
  }

  get #options() {
    return { cwd: this.home, env: this.#env }
  }

  /** @returns the output of a command */
  async run(program: string, ...words: string[]): Promise<string> {
    return (await run('setpriv', this.#words(program, words), this.#options)).stdout.trimEnd()
  }

  /** Starts the installed app as the entry of the menu does, with Chromium's sandbox. */
  startApp(complaints: Complaints): Promise<PackagedApp> {
    const words = this.#words('/usr/bin/runboard-desktop', ['--disable-gpu', DEBUG])
    const child = spawn('setpriv', words, { ...this.#options, stdio: ['ignore', 'ignore', 'pipe'] })
    return PackagedApp.connect(child, complaints)
  }

  /** Removes them and their files, even if a program of theirs still runs. */
  async remove(): Promise<void> {
    await run('userdel', ['--force', '--remove', this.#name])
  }
}
