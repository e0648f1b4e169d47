import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { BrowserContext } from '@playwright/test'
import { NOISE } from './noise.ts'

/** A call that lost its connection: the browser has a name for each moment at which that can happen. */
export const LOST_CONNECTION = /net::ERR_/

/** What a page, or a process behind it, complained about. A test fails if there is anything that it did not expect. */
export class Complaints {
  readonly #heard: string[] = []
  readonly #expected: RegExp[] = []
  #listening = true

  listenTo(context: BrowserContext): void {
    context.on('console', (message) => {
      const { url } = message.location()
      if (['error', 'warning'].includes(message.type()))
        this.add(`${message.text()}${url === '' ? '' : ` (${url})`}`)
    })
    context.on('weberror', (error) => this.add(String(error.error().stack ?? error.error())))
  }

  /** Takes what a process says on its standard error, line by line: a chunk of it may end anywhere. */
  listenToLines(stderr: Readable): void {
    createInterface(stderr).on('line', (line) => {
      if (!NOISE.test(line)) this.add(line)
    })
  }

  stopListening(): void {
    this.#listening = false
  }

  add(complaint: string): void {
    if (this.#listening) this.#heard.push(complaint)
  }

  /** A browser writes down every call that is refused or gets no answer: where that is the point of the test. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns)
  }

  get unexpected(): string[] {
    return this.#heard.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)))
  }
}
