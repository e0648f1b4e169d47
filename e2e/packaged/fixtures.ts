import { join } from 'node:path'
import { expect } from '@playwright/test'
import { Complaints } from '../complaints.ts'
import { appFolder } from '../find-package.ts'
import { test as withHome } from '../home-fixtures.ts'
import { PackagedApp, type StartOptions } from './packaged-app.ts'

export { appFolder, expect, PackagedApp }

interface Fixtures {
  /** The folder of the app: as packed, or unpacked from a package. */
  folder: string
  complaints: Complaints
  /** Starts the app, which quits at the end of the test. */
  launch: (options?: StartOptions) => Promise<PackagedApp>
}

/** The packed app, with its own command line. */
export const test = withHome.extend<Fixtures>({
  folder: appFolder,

  command: async ({ folder }, use) => {
    await use([join(folder, 'resources/bin/runboard')])
  },

  complaints: async ({ home: _ }, use) => {
    const complaints = new Complaints()
    await use(complaints)
    expect(complaints.unexpected, 'errors in the window or the main process').toEqual([])
  },

  launch: async ({ complaints, folder, home }, use) => {
    const started: PackagedApp[] = []
    await use(async (options) => {
      const app = await PackagedApp.start(folder, home, complaints, options)
      started.push(app)
      return app
    })
    for (const app of started) await app.quit()
  },
})
