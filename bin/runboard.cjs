#!/usr/bin/env node
'use strict'
// The command `runboard`: checks what it needs, then hands over to the built CLI in this same process, or, under a Node
// that is too old for it, in the newer Node that the project brings along. CommonJS, because Node starts it without the
// loader of ES modules.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const [major, minor] = process.versions.node.split('.').map(Number)
const isTooOld = major < 22 || (major === 22 && minor < 14)
const cli = join(__dirname, '../out/main/cli.cjs')
const ownNode = join(__dirname, '../node_modules/node/bin/node')

function fail(sentence) {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}

/** Runs this file again under the project's own Node; signals and the status go through. */
function runInOwnNode() {
  // Required here: it takes as long to load as the rest of this file, and few need it.
  const { spawn } = require('node:child_process')
  const { constants } = require('node:os')
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
  require(cli)
} else if (existsSync(ownNode)) {
  runInOwnNode()
} else {
  fail(`runboard needs Node 22.14 or newer; this is Node ${process.versions.node}.`)
}
