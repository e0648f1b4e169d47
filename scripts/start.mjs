// `npm start`: builds what is missing, then opens the app. If Electron cannot run, it says why in one line, and serves
// the same board to a browser. JavaScript, not TypeScript: even a Node that is too old must be able to report that.
import { spawn, spawnSync } from 'node:child_process'
import fs, { existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { electronPath, whyNoDisplay, whyNoWindow } from './electron.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(root, 'bin/runboard.cjs')
/** A sandbox that cannot start ends Electron within a second or two; a later exit is the app's own. */
const STARTED_AFTER_MS = 5_000

/** @returns whether a part of out/ is missing, or older than a source */
function needsBuild() {
  const built = ['main/index.cjs', 'main/cli.cjs', 'preload/index.cjs', 'renderer/index.html']
  const outputs = built.map((file) => join(root, 'out', file))
  if (!outputs.every((file) => existsSync(file))) return true
  const oldest = Math.min(...outputs.map((file) => statSync(file).mtimeMs))
  const sources = [
    '{contract,formats,kernel,doors,electron,renderer}/**/*',
    'package-lock.json',
    'electron.vite.config.ts',
    'scripts/build/*',
  ]
  // Not a named import: a Node without it must get as far as the message about its version.
  return fs.globSync(sources, { cwd: root }).some((file) => statSync(join(root, file)).mtimeMs > oldest)
}

function build() {
  const script = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
  const { status } = spawnSync(process.execPath, [script, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
}

/** @returns why Electron could not start, as the end of a sentence; does not return once the app has run */
async function openWindow(args) {
  const electron = electronPath()
  const started = Date.now()
  const child = spawn(electron, [root, ...args], { stdio: ['inherit', 'inherit', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    if (Date.now() - started < STARTED_AFTER_MS) errors += chunk
    process.stderr.write(chunk)
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  const [code, signal] = await new Promise((resolve) => {
    child.on('error', (error) => resolve([error.message, null]))
    child.on('close', (...end) => resolve(end))
  })
  const early = Date.now() - started < STARTED_AFTER_MS
  if (early && /sandbox/i.test(errors)) return "Electron's sandbox cannot start on this machine"
  if (early && typeof code === 'string') return `Electron could not be started (${code})`
  process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1))
}

function hasBrowser() {
  if (process.platform !== 'linux') return true
  if (whyNoDisplay() !== null) return false
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'xdg-open')))
}

/** @returns the exit status of one of our commands, and its output */
function runboard(...words) {
  return spawnSync(process.execPath, [cli, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** As the app does: an empty home gets the demo, so that the first page shows work in progress. */
function showDemoAtFirst() {
  const listed = runboard('boards', 'list', '--json')
  if (listed.status === 0 && JSON.parse(listed.stdout).boards.length === 0) runboard('demo')
}

function serve(args) {
  showDemoAtFirst()
  const open = hasBrowser() && !args.includes('--no-open') ? ['--open'] : []
  const rest = args.filter((arg) => arg !== '--no-open')
  const child = spawn(process.execPath, [cli, 'serve', ...open, ...rest], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('close', (code) => process.exit(code ?? 1))
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 14)) {
  console.error(
    `Runboard needs Node 22.14 or newer, this is ${process.versions.node}. \`npm ci\` brings Node 24 along ` +
      'unless its install scripts are off; then start it with `npm start`.',
  )
  process.exit(1)
}

if (needsBuild()) {
  console.log('Building …')
  build()
}
const args = process.argv.slice(2)
const reason = whyNoWindow() ?? (await openWindow(args))
console.log(`No window: ${reason}. Serving the board to a browser instead.`)
serve(args)
