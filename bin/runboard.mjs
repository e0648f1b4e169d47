#!/usr/bin/env node
// The command `runboard`: checks what it needs, then hands over to the built CLI in this same process.
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
const cli = new URL('../out/main/cli.cjs', import.meta.url)

if (major < 22 || (major === 22 && minor < 14)) {
  process.stderr.write(`runboard needs Node 22.14 or newer; this is Node ${process.versions.node}.\n`)
  process.exitCode = 1
} else if (!existsSync(cli)) {
  process.stderr.write('runboard is not built yet: run `npm run build` in its folder.\n')
  process.exitCode = 1
} else {
  module.enableCompileCache()
  createRequire(import.meta.url)('../out/main/cli.cjs')
}
