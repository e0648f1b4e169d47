#!/usr/bin/env node
// The command `runboard`: checks what it needs, then hands over to the built CLI in this same process, or, under a Node
// that is too old for it, in the newer Node that the project brings along.
import { createRequire } from 'node:module'

// As an import, all of `fs` would be loaded, with its streams.
const require = createRequire(import.meta.url)
const { existsSync } = require('node:fs')
const { fileURLToPath } = require('node:url')

const [major, minor] = process.versions.node.split('.').map(Number)
const isTooOld = major < 22 || (major === 22 && minor < 14)
const cli = new URL('../out/main/cli.cjs', import.meta.url)
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

/** A folder of this user. Node's default lies in the shared temporary folder, where others could put code that then runs. */
function cacheFolder() {
  const home = require('node:os').homedir()
  const folder =
    process.platform === 'win32' ? process.env.LOCALAPPDATA : process.env.XDG_CACHE_HOME || `${home}/.cache`
  return `${folder || home}/runboard/compile`
}

/** Runs this file again under the project's own Node; signals and the status go through. */
async function runInOwnNode() {
  // Imported here: it takes as long to load as the rest of this file, and few need it.
  const { spawn } = await import('node:child_process')
  const { constants } = await import('node:os')
  const child = spawn(ownNode, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`runboard could not start ${ownNode}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

if (!existsSync(cli)) {
  fail('runboard is not built yet: run `npm run build` in its folder.')
} else if (!isTooOld) {
  require('node:module').enableCompileCache(process.env.NODE_COMPILE_CACHE ?? cacheFolder())
  require('../out/main/cli.cjs')
} else if (existsSync(ownNode)) {
  await runInOwnNode()
} else {
  fail(`runboard needs Node 22.14 or newer; this is Node ${process.versions.node}.`)
}
