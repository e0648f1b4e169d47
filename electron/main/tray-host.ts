import { execFile } from 'node:child_process'

/** A bus answers within a few milliseconds, and the first window waits for it. */
const ASK_MS = 1_000

/**
 * On Linux a tray is a program of the desktop that may not be there; the icon is then shown to nobody, and Electron does
 * not say so. Its name on the session bus tells.
 *
 * @returns whether an icon in the tray will be seen, so that the app may run without a window
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
