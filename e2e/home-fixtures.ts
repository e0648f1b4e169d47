import { test as base } from '@playwright/test'
import { type Cli, Home } from './home.ts'

interface Fixtures {
  /** The boards that there are at the start: an empty one, the demo board, or none. */
  boards: 'empty' | 'demo' | 'none'
  home: Home
  cli: Cli
}

/** A data folder for each test, and the command line on it. */
export const test = base.extend<Fixtures>({
  boards: ['empty', { option: true }],

  home: async ({ boards }, use) => {
    const home = await Home.make()
    if (boards === 'empty') await home.cli('init', '--name', 'work')
    if (boards === 'demo') await home.cli('demo')
    await use(home)
    await home.remove()
  },

  cli: async ({ home }, use) => {
    await use(home.cli)
  },
})
