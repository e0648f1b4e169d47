import type { ShellFacts } from '../shared/shell-facts.ts'

/** @returns why closing the last window quits the app whatever is set, null where it does not */
export function whyNoTray(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.has_tray) return null
  return 'This desktop shows no tray, so closing the last window quits the app. GNOME shows one with the extension “AppIndicator and KStatusNotifierItem Support”.'
}

/** @returns why the app cannot be started at login, null where it can */
export function whyNoLogin(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.packaged) return null
  return 'Only an installed app can be started by the system; this one runs from source.'
}

/** @returns why the feed is not asked, null where it is */
export function whyNoUpdates(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.packaged) return null
  return 'Only an installed app checks for updates; this one runs from source.'
}
