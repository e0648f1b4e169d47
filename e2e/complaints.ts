import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { BrowserContext } from '@playwright/test'
import { NOISE } from './noise.ts'

/** A call that lost its connection: the browser's error name depends on the moment. */
export const LOST_CONNECTION = /net::ERR_/

/** Errors and warnings of a page, or of a process behind it. A test fails on any that it did not expect. */
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

  /** Reads the standard error of a process line by line: a chunk may end anywhere. */
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

  /** A browser logs every call that is refused or gets no answer: for tests that cause one on purpose. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns)
  }

  get unexpected(): string[] {
    return this.#heard.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)))
  }
}
