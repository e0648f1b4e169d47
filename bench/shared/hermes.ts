import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('hermes_peer.py', import.meta.url))

/** A checkout of Hermes Agent, and the Python for it. */
export interface Checkout {
  folder: string
  python: string
}

/** @returns the checkout that HERMES_AGENT names, and the Python of HERMES_PYTHON; null if there is none */
export function findCheckout(): Checkout | null {
  const { HERMES_AGENT: folder, HERMES_PYTHON: python = 'python3' } = process.env
  if (folder === undefined || !existsSync(join(folder, 'hermes_cli/kanban_db.py'))) return null
  return { folder, python }
}

/** @returns its version */
export function versionOf({ folder }: Checkout): string {
  const manifest = readFileSync(join(folder, 'pyproject.toml'), 'utf8')
  return /^version = "(.+)"$/m.exec(manifest)?.[1] ?? 'of unknown version'
}

/** Variables of a Hermes whose boards are in `home`. */
export function environmentOf(home: string): NodeJS.ProcessEnv {
  return { ...process.env, HERMES_HOME: home }
}

export interface Written {
  cycles: number
  longest_ms: number
  errors: number
  error: string | null
}

export interface Version {
  python: string
  sqlite: string
  /** Whether it compares the length of the file with SQLite's own after each commit. */
  checks_length: boolean
}

/** The kanban library of Hermes in a Python process, which times itself. */
export class HermesPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: Interface
  readonly #exited: Promise<unknown>

  /**
   * @param home where its board is
   * @param checksLength false switches off what makes Hermes fail when several processes write. Newer versions do not
   *   have it
   */
  constructor({ folder, python }: Checkout, home: string, checksLength = true) {
    const words = [PROGRAM, folder, checksLength ? 'yes' : 'no']
    this.#child = spawn(python, words, { env: environmentOf(home), stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface(this.#child.stdout)
    this.#exited = once(this.#child, 'exit')
  }

  async #ask<Answer>(request: object): Promise<Answer> {
    const answered = once(this.#lines, 'line')
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const line = await Promise.race([answered, this.#exited.then(() => null)])
    if (line === null) throw new Error('The Python process of Hermes has ended.')
    return JSON.parse((line as [string])[0]) as Answer
  }

  /** @returns the ready tasks */
  fill(count: number): Promise<string[]> {
    return this.#ask({ what: 'fill', count })
  }

  /** @returns milliseconds per task, as the next two */
  create(count: number): Promise<number> {
    return this.#ask({ what: 'create', count })
  }

  claim(tasks: readonly string[]): Promise<number> {
    return this.#ask({ what: 'claim', tasks })
  }

  complete(tasks: readonly string[]): Promise<number> {
    return this.#ask({ what: 'complete', tasks })
  }

  /** Works on tasks for some seconds, one after the other. */
  write(seconds: number): Promise<Written> {
    return this.#ask({ what: 'write', seconds })
  }

  version(): Promise<Version> {
    return this.#ask({ what: 'version' })
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    await this.#exited
  }
}

/** Runs a command of `hermes kanban`. @returns its output; throws when it fails */
export function hermesCommand({ folder, python }: Checkout, home: string, words: readonly string[]): string {
  return execFileSync(python, [join(folder, 'hermes'), 'kanban', ...words], {
    env: environmentOf(home),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
}
