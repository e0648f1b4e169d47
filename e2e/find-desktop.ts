import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { whyNoElectron } from './find-electron.ts'

/** What makes a desktop session, each with Debian's package for it. */
const PROGRAMS = {
  Xvfb: 'xvfb',
  'dbus-daemon': 'dbus-daemon',
  openbox: 'openbox',
  dunst: 'dunst',
  'xfce4-panel': 'xfce4-panel',
  xdotool: 'xdotool',
  gdbus: 'libglib2.0-bin',
  busctl: 'systemd',
}

function isThere(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}

/** @returns null if a desktop with a tray and notifications can be started here, else the reason, as the end of a sentence */
export function whyNoDesktop(): string | null {
  if (process.platform !== 'linux') return 'they are written for Linux'
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isThere(program))
  if (missing.length > 0) {
    const packages = missing.map(([, name]) => name).join(' ')
    return `parts of a desktop are missing (Debian has them: apt install ${packages})`
  }
  return whyNoElectron()
}
