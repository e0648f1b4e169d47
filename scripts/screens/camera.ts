import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from '@playwright/test'
import { type Home, root } from '../../e2e/home.ts'
import type { Serve } from '../../e2e/serve.ts'
import { toWebp } from './webp.ts'

/** Pictures that a page of the documentation shows; they are committed. */
const COMMITTED = join(root, 'docs/screens')
/** All others. Git ignores the folder. */
const ON_DEMAND = join(root, 'screens')

const THEMES = ['light', 'dark'] as const
const wanted = parseArgs({
  options: { widths: { type: 'string' }, theme: { type: 'string' } },
  allowPositionals: true,
})

/** `npm run screens -- --widths 900,1920`: further widths at which to take each picture. */
const WIDTHS = (wanted.values.widths ?? '').split(',').filter(Boolean).map(Number)
/** `npm run screens -- --theme dark`: only in this theme. */
const TAKEN = THEMES.filter((theme) => (wanted.values.theme ?? theme) === theme)
const WIDE = { width: 1280, height: 800 }
export const NARROW = { width: 480, height: 800 }
export const LARGE = { width: 2560, height: 1440 }

interface Options {
  size?: typeof WIDE
  /** Called before the page is opened, to manipulate the network. */
  before?: (page: Page) => Promise<unknown>
}

/** Takes each picture in both themes, or that of `--theme`, and at each width of `--widths`. */
export class Camera {
  readonly #browser: Browser
  readonly #serve: Serve
  readonly #home: Home
  readonly #shown = shownPictures()

  constructor(browser: Browser, serve: Serve, home: Home) {
    this.#browser = browser
    this.#serve = serve
    this.#home = home
  }

  /**
   * @param place what follows the `#` in the address
   * @param arrange prepares the page, and waits for it
   */
  async take(
    name: string,
    place: string,
    arrange: (page: Page) => Promise<unknown>,
    { size: viewport = WIDE, before }: Options = {},
  ): Promise<void> {
    if (!isWanted(name)) return
    const context = await this.#browser.newContext({ viewport, reducedMotion: 'reduce' })
    try {
      const page = await context.newPage()
      await before?.(page)
      await page.goto(this.#serve.address(place))
      await arrange(page)
      await this.#takeThemes(name, page)
      for (const width of viewport === WIDE ? WIDTHS : []) {
        await page.setViewportSize({ width, height: Math.round(width * 0.6) })
        await this.#takeThemes(`${name}-${width}`, page)
      }
    } catch (error) {
      // A picture that fails does not prevent the others.
      console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    } finally {
      await context.close()
    }
  }

  async #takeThemes(name: string, page: Page): Promise<void> {
    for (const colorScheme of TAKEN) {
      await page.emulateMedia({ colorScheme })
      await page.waitForFunction((theme) => document.documentElement.dataset['theme'] === theme, colorScheme)
      await page.evaluate(twoFrames)
      await page.evaluate(hidePath, [this.#home.path, '~/.local/share/runboard'] as const)
      await this.#keep(`${name}-${colorScheme}.webp`, await page.screenshot({ animations: 'disabled' }))
    }
  }

  async #keep(file: string, png: Buffer): Promise<void> {
    const folder = this.#shown.has(file) ? COMMITTED : ON_DEMAND
    const context = await this.#browser.newContext()
    const webp = await toWebp(await context.newPage(), png)
    await context.close()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, file), webp)
    console.log(`${relative(root, join(folder, file))} (${Math.round(webp.length / 1024)} KB)`)
  }
}

/** @returns the names of the pictures that README and the pages of docs/ show */
function shownPictures(): Set<string> {
  const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root })
  const links = pages.flatMap((page) => [
    ...readFileSync(join(root, page), 'utf8').matchAll(/\bscreens\/([\w-]+\.webp)/g),
  ])
  return new Set(links.flatMap(([, file]) => file ?? []))
}

/** Waits until the page is drawn in a new size or theme. Runs in the page. */
function twoFrames(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}

/** Replaces the real folder in the page by a neutral one, to hide where the pictures were taken. Runs in the page. */
function hidePath([path, shown]: readonly [string, string]): void {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    if (text.nodeValue?.includes(path)) text.nodeValue = text.nodeValue.replaceAll(path, shown)
  }
}

/** `npm run screens -- board graph` takes only pictures whose names begin with one of the words. */
function isWanted(name: string): boolean {
  const words = wanted.positionals
  return words.length === 0 || words.some((word) => name.startsWith(word))
}
