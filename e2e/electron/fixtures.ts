import { expect } from '@playwright/test'
import { Complaints } from '../complaints.ts'
import { test as withHome } from '../home-fixtures.ts'
import { Desktop } from '../desktop-app.ts'

export { Desktop, expect }

interface Fixtures {
  complaints: Complaints
  /** Starts the app, which quits at the end of the test. */
  launch: (...words: string[]) => Promise<Desktop>
}

/** The real Electron on a home of its own. */
export const test = withHome.extend<Fixtures>({
  complaints: async ({ home: _ }, use) => {
    const complaints = new Complaints()
    await use(complaints)
    expect(complaints.unexpected, 'errors in the window or the main process').toEqual([])
  },

  launch: async ({ complaints, home }, use) => {
    const started: Desktop[] = []
    await use(async (...words) => {
      const desktop = await Desktop.start(home, complaints, words)
      started.push(desktop)
      return desktop
    })
    for (const desktop of started) await desktop.quit()
  },
})
