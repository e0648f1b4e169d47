// `npm run test:windows`: the tests of vitest.windows.config.ts in a real Node for Windows, on Wine. WINDOWS_NODE names
// a program that takes the arguments of Node and runs it so.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { placeNativePackages } from './native-packages.ts'
import { bundlePrograms } from './programs.ts'

/**
 * Tests that take long on Wine: `npm test` leaves them out, `npm run test:windows` runs them. What starts, watches, ends
 * and adopts workers is tested by the others too.
 */
export const LONG = ['crash', 'settle', 'stop', 'supervisor'].map(
  (name) => `kernel/dispatcher/${name}.test.ts`,
)

/** A build of better-sqlite3 for this machine's Electron. Its package takes such a build before the ones that it brings. */
const OWN_BUILD = 'node_modules/better-sqlite3/build'
const ASIDE = 'node_modules/.cache/better-sqlite3-build'

/**
 * @param node WINDOWS_NODE
 * @param report where to write Vitest's report
 * @param more further arguments for Vitest
 * @returns whether all tests passed
 */
export async function testOnWindows(node: string, report: string, more: readonly string[]): Promise<boolean> {
  placeNativePackages()
  await bundlePrograms()
  const argv = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config=vitest.windows.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...more,
  ]
  const hasOwnBuild = existsSync(OWN_BUILD)
  mkdirSync(dirname(ASIDE), { recursive: true })
  if (hasOwnBuild) renameSync(OWN_BUILD, ASIDE)
  try {
    const child = spawn(process.execPath, argv, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, WINDOWS_NODE: node },
    })
    const [code] = (await once(child, 'close')) as [number | null]
    return code === 0
  } finally {
    if (hasOwnBuild) renameSync(ASIDE, OWN_BUILD)
  }
}

if (import.meta.main) {
  const node = process.env['WINDOWS_NODE']
  if (node === undefined) {
    console.error('Set WINDOWS_NODE to a program that runs a Node for Windows (docs/developing.md).')
    process.exitCode = 1
  } else {
    const report = 'node_modules/.cache/windows.json'
    process.exitCode = (await testOnWindows(node, report, process.argv.slice(2))) ? 0 : 1
  }
}
