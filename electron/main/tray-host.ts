import { execFile } from 'node:child_process'

/** The bus answers within a few milliseconds, and the first window waits for it. */
const ASK_MS = 1_000

/**
 * On Linux the tray is a program of the desktop that may be missing. The icon is then invisible, and Electron does not
 * report that; the tray's name on the session bus shows whether it exists.
 *
 * @returns whether a tray icon is visible, so that the app may run without a window
 */
export function hasTrayHost(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true)
  const call = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus']
  const question = ['org.freedesktop.DBus.NameHasOwner', 'string:org.kde.StatusNotifierWatcher']
  return new Promise((resolve) => {
    execFile('dbus-send', [...call, ...question], { timeout: ASK_MS }, (error, stdout) => {
      resolve(error === null && stdout.includes('boolean true'))
    })
  })
}
