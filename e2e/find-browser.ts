import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

export interface Browser {
  name: string
  executablePath: string
  args: string[]
}

/** The used part of the package. It is not a dependency; it can be added on a machine without any other browser. */
interface Sparticuz {
  default: { executablePath(): Promise<string>; args: string[] }
}

/**
 * @returns the first browser found: the system's chromium, Playwright's own, `@sparticuz/chromium`
 * @throws Error that says what to install
 */
export async function findBrowser(): Promise<Browser> {
  const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path))
  if (system !== undefined) return { name: "the system's Chromium", executablePath: system, args: [] }

  const own = chromium.executablePath()
  if (existsSync(own)) return { name: "Playwright's Chromium", executablePath: own, args: [] }

  const name = '@sparticuz/chromium'
  try {
    const { default: found } = (await import(name)) as Sparticuz
    return { name, executablePath: await found.executablePath(), args: found.args }
  } catch (error) {
    throw new Error(
      'The tests found no browser: install chromium (`apt-get install chromium`), or run `npx playwright install chromium`.',
      { cause: error },
    )
  }
}
