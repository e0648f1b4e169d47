import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Standard streams of a program that says on descriptor 3 that it is ready. */
export const TELLS_ON_3: StdioOptions = ['ignore', 'ignore', 'ignore', 'pipe']

/** @returns the first line that a program writes to descriptor 3 */
export async function firstLine(child: ChildProcess, name: string): Promise<string> {
  const lines = createInterface(child.stdio[3] as Readable)
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`${name} did not start`)
    }),
  ])) as [string]
  return line
}

/** Ends a program that was started for a test. May be called twice. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

/** A picture of square pixels: blue, green, red, alpha. Transparent pixels fit anything. */
export interface Picture {
  side: number
  pixels: Buffer
}

interface Point {
  x: number
  y: number
}

/** An X server without a monitor, for one test file. Every user of this machine may use it. */
export class XServer {
  readonly display: string
  readonly #child: ChildProcess
  /** Where the server keeps its screen as a file. */
  readonly #folder: string

  private constructor(child: ChildProcess, folder: string, display: string) {
    this.#child = child
    this.#folder = folder
    this.display = display
  }

  static async start(): Promise<XServer> {
    const folder = await mkdtemp(join(tmpdir(), 'runboard-screen-'))
    const screen = ['-screen', '0', '1800x1000x24', '-fbdir', folder]
    const words = ['-displayfd', '3', '-nolisten', 'tcp', '-ac', ...screen]
    const child = spawn('Xvfb', words, { stdio: TELLS_ON_3 })
    return new XServer(child, folder, `:${await firstLine(child, 'Xvfb')}`)
  }

  /** @returns the middle of the picture, if the screen shows it now */
  find(picture: Picture): Point | null {
    const screen = readScreen(join(this.#folder, 'Xvfb_screen0'))
    const opaque = Array.from({ length: picture.side ** 2 }, (_, at) => at).filter(
      (at) => picture.pixels[at * 4 + 3] === 255,
    )
    const shows = (left: number, top: number) =>
      opaque.every((at) => {
        const [x, y] = [left + (at % picture.side), top + Math.floor(at / picture.side)]
        const onScreen = screen.start + y * screen.bytesPerLine + x * 4
        return [0, 1, 2].every((part) => screen.bytes[onScreen + part] === picture.pixels[at * 4 + part])
      })
    for (let top = 0; top <= screen.height - picture.side; top++) {
      for (let left = 0; left <= screen.width - picture.side; left++) {
        if (shows(left, top)) return { x: left + picture.side / 2, y: top + picture.side / 2 }
      }
    }
    return null
  }

  async stop(): Promise<void> {
    await end(this.#child)
    await rm(this.#folder, { recursive: true })
  }
}

/** The file of a screen is in the format of xwd (X11/XWDFile.h): a header of 32-bit numbers, colours, pixels. */
function readScreen(path: string) {
  const bytes = readFileSync(path)
  const [headerSize, width, height, bytesPerLine, colours] = [0, 4, 5, 12, 19].map((field) =>
    bytes.readUInt32BE(field * 4),
  ) as [number, number, number, number, number]
  return { bytes, start: headerSize + colours * 12, width, height, bytesPerLine }
}
