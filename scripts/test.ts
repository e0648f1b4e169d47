// `npm test`: checks, unit tests, build, packages, end-to-end tests. Continues after a failure; the last line is the
// summary.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { whyNoElectron } from '../e2e/find-electron.ts'
import { check } from './check.ts'
import { hasSquashfs } from './package/appimage.ts'
import { hasRpmbuild } from './package/rpmbuild.ts'
import { LONG, testOnWindows } from './windows/test.ts'

interface Count {
  passed: number
  failed: number
  skipped: number
}

const reports = 'node_modules/.cache/test-reports'
const total: Count = { passed: 0, failed: 0, skipped: 0 }

function title(text: string): void {
  console.log(`\n== ${text}`)
}

async function run(argv: string[], env: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(process.execPath, argv, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0
}

/**
 * Adds a runner's counts. A runner that failed without a failed test (a crash, an unhandled error) counts as one
 * failure.
 */
function add(succeeded: boolean, report: string, read: (json: unknown) => Count): void {
  let count: Count = { passed: 0, failed: 0, skipped: 0 }
  try {
    count = read(JSON.parse(readFileSync(report, 'utf8')))
  } catch (error) {
    console.error(`No report of this run: ${String(error)}`)
    succeeded = false
  }
  total.passed += count.passed
  total.failed += succeeded ? count.failed : Math.max(1, count.failed)
  total.skipped += count.skipped
}

async function unitTests(): Promise<void> {
  const report = join(reports, 'vitest.json')
  const succeeded = await run([
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  add(succeeded, report, readVitest)
}

function readVitest(json: unknown): Count {
  const result = json as Record<
    'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests',
    number
  >
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests,
    skipped: result.numPendingTests + result.numTodoTests,
  }
}

async function windowsTests(): Promise<void> {
  const node = process.env['WINDOWS_NODE']
  if (node === undefined) {
    console.log('They are not run: WINDOWS_NODE does not name a Node for Windows.')
    return
  }
  const report = join(reports, 'windows.json')
  const others = LONG.map((file) => `--exclude=${file}`)
  add(await testOnWindows(node, report, others), report, readVitest)
}

async function endToEndTests(): Promise<void> {
  const report = join(reports, 'playwright.json')
  const succeeded = await run(
    ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json', '--pass-with-no-tests'],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  )
  add(succeeded, report, (json) => {
    const { stats } = json as { stats: Record<'expected' | 'flaky' | 'unexpected' | 'skipped', number> }
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }
  })
}

/** Packs the app as it would be installed, for the end-to-end tests of the packed app. */
async function packages(): Promise<void> {
  const reason = process.platform === 'linux' ? whyNoElectron() : 'their tests are written for Linux'
  if (reason !== null) {
    console.log(`Nothing is packed: ${reason}.`)
    return
  }
  const rpm = hasRpmbuild()
  if (!rpm) console.log('No rpm is packed, and its tests are skipped: rpmbuild is not there.')
  const appimage = hasSquashfs()
  if (!appimage)
    console.log('No AppImage is packed, and its tests are skipped: mksquashfs or squashfuse is not there.')
  const kinds = ['deb', 'next', ...(rpm ? ['rpm'] : []), ...(appimage ? ['appimage'] : [])]
  if (!(await run(['scripts/package.ts', ...kinds, '--draft']))) total.failed += 1
}

rmSync(reports, { recursive: true, force: true })
mkdirSync(reports, { recursive: true })

title('check')
total.failed += await check()
title('unit tests')
await unitTests()
title('tests on Windows')
await windowsTests()
title('build')
if (await run(['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'])) {
  title('packages')
  await packages()
  title('end-to-end tests')
  await endToEndTests()
} else {
  console.error('The build failed, so the end-to-end tests were not run.')
  total.failed += 1
}

const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed === 0 ? 0 : 1
