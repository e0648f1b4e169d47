// Finds out whether a window can be opened, and with which Electron: for `npm start` and `npm run dev`.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const electronPackage = fileURLToPath(new URL('../node_modules/electron', import.meta.url))
const DOWNLOAD_LIMIT_MS = 10_000

/** @returns the absolute path of Electron's binary, which must exist (see `whyNoWindow`) */
export function electronPath() {
  return createRequire(import.meta.url)(electronPackage)
}

/** @returns null if there is a display, else why there is none */
export function whyNoDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  return process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY ? null : 'there is no display'
}

/** @returns null if Electron's binary exists, or could be downloaded now, else why not */
function whyNoBinary() {
  if (process.env.ELECTRON_OVERRIDE_DIST_PATH) return null
  const installed = () => existsSync(join(electronPackage, 'path.txt'))
  if (installed()) return null
  console.log(`Downloading Electron, once (for at most ${DOWNLOAD_LIMIT_MS / 1000} s) …`)
  spawnSync(process.execPath, [join(electronPackage, 'install.js')], {
    stdio: 'ignore',
    timeout: DOWNLOAD_LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  return installed()
    ? null
    : "Electron's binary is not there and could not be downloaded (`npx install-electron` tries again)"
}

/** @returns null if a window can be opened, else the reason, as the end of a sentence */
export function whyNoWindow({ allowRoot = false } = {}) {
  if (process.platform === 'linux' && process.getuid() === 0 && !allowRoot)
    return 'Electron does not run as root'
  return whyNoDisplay() ?? whyNoBinary()
}
