import { existsSync } from 'node:fs'

/** @returns null if Electron can run here, else the reason, as the end of a sentence */
export function whyNoElectron(): string | null {
  const { ELECTRON_OVERRIDE_DIST_PATH, DISPLAY, WAYLAND_DISPLAY } = process.env
  // The package `electron` writes path.txt once it has downloaded its binary.
  if (ELECTRON_OVERRIDE_DIST_PATH === undefined && !existsSync('node_modules/electron/path.txt')) {
    return 'its binary is not there (`npx install-electron` downloads it)'
  }
  if (process.platform === 'linux' && DISPLAY === undefined && WAYLAND_DISPLAY === undefined) {
    return 'there is no display (`xvfb-run -a npm test` brings one)'
  }
  return null
}
