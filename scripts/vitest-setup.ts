// Runs before each test file.
import { mkdtempSync, rmSync } from 'node:fs'
import { devNull, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  throw new Error(
    `The tests need Node 22.14 or newer (better-sqlite3 crashes before it), this is ${process.versions.node}. ` +
      '`npm ci` brings Node 24 along unless its install scripts are off: run the tests through npm.',
  )
}

// Tests must not see the boards or the git configuration of the user who runs them, even if that is a worker of
// Runboard or a git hook.
for (const name of Object.keys(process.env)) {
  if (/^(RUNBOARD|GIT)_/.test(name)) Reflect.deleteProperty(process.env, name)
}
process.env.GIT_CONFIG_GLOBAL = devNull
process.env.GIT_CONFIG_NOSYSTEM = '1'
const home = mkdtempSync(join(tmpdir(), 'runboard-test-home-'))
process.env.RUNBOARD_HOME = home
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
