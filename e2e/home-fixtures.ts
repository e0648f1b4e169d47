import { test as base } from '@playwright/test'
import { type Cli, type Command, Home } from './home.ts'

interface Fixtures {
  /** The boards at the start: an empty one, the demo board, or none. */
  boards: 'empty' | 'demo' | 'none'
  /** The command that runs `runboard`, if it is not the built one. */
  command: Command | undefined
  home: Home
  cli: Cli
}

/** A data folder for each test, and the command line on it. */
export const test = base.extend<Fixtures>({
  boards: ['empty', { option: true }],

  command: undefined,

  home: async ({ boards, command }, use) => {
    const home = await Home.make(command)
    if (boards === 'empty') await home.cli('init', '--name', 'work')
    if (boards === 'demo') await home.cli('demo')
    await use(home)
    await home.remove()
  },

  cli: async ({ home }, use) => {
    await use(home.cli)
  },
})
