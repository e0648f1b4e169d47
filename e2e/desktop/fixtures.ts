import { expect } from '@playwright/test'
import { Complaints } from '../complaints.ts'
import { Desktop } from '../desktop-app.ts'
import { test as withHome } from '../home-fixtures.ts'
import { DesktopSession } from './session.ts'

export { expect }

interface Fixtures {
  session: DesktopSession
  complaints: Complaints
  /** Starts the app in the session; it quits at the end of the test. */
  launch: (...words: string[]) => Promise<Desktop>
}

/** The real Electron in a desktop session of its own. */
export const test = withHome.extend<Fixtures>({
  session: async ({ boards: _ }, use) => {
    const session = await DesktopSession.start()
    await use(session)
    await session.stop()
  },

  complaints: async ({ home: _ }, use) => {
    const complaints = new Complaints()
    await use(complaints)
    expect(complaints.unexpected, 'errors in the window or the main process').toEqual([])
  },

  launch: async ({ complaints, home, session }, use) => {
    const started: Desktop[] = []
    await use(async (...words) => {
      const desktop = await Desktop.start(home, complaints, words, session.env)
      started.push(desktop)
      return desktop
    })
    for (const desktop of started) await desktop.quit()
  },
})
