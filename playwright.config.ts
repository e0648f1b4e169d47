import { defineConfig } from '@playwright/test'
import { findBrowser } from './e2e/find-browser.ts'
import { whyNoDesktop } from './e2e/find-desktop.ts'
import { whyNoElectron } from './e2e/find-electron.ts'
import { whyNoPackage } from './e2e/find-package.ts'

const browser = await findBrowser()
const noElectron = whyNoElectron()
const noDesktop = whyNoDesktop()
const noPackage = whyNoPackage()

// Each worker process reads this file again; only the first one tells.
if (process.env.TEST_WORKER_INDEX === undefined) {
  console.log(`browser: ${browser.name} (${browser.executablePath})`)
  console.log(noElectron === null ? 'electron: found' : `electron: its tests are not run, ${noElectron}`)
  console.log(noDesktop === null ? 'desktop: found' : `desktop: its tests are not run, ${noDesktop}`)
  console.log(noPackage === null ? 'package: found' : `package: its tests are not run, ${noPackage}`)
}

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  forbidOnly: process.env.CI !== undefined,
  // A machine that others use as well may be slow at the wrong moment: a second attempt tells that from a defect, and the
  // list at the end names what needed one as flaky.
  retries: process.env.CI === undefined ? 0 : 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  workers: 2,
  fullyParallel: true,
  reporter: 'list',
  // Recording every test would cost a third of its time. Locally, add `--trace on` to the test in question.
  use: { trace: 'on-first-retry', screenshot: 'only-on-failure' },
  projects: [
    {
      name: 'chromium',
      testDir: 'e2e/browser',
      use: {
        browserName: 'chromium',
        launchOptions: { executablePath: browser.executablePath, args: browser.args },
      },
    },
    ...(noElectron === null ? [{ name: 'electron', testDir: 'e2e/electron' }] : []),
    ...(noDesktop === null ? [{ name: 'desktop', testDir: 'e2e/desktop' }] : []),
    ...(noPackage === null ? [{ name: 'packaged', testDir: 'e2e/packaged' }] : []),
  ],
})
