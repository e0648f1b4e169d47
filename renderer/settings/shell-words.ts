import type { ShellFacts } from '../shared/shell-facts.ts'

/** @returns why closing the last window quits the app despite the setting, or null if it does not */
export function whyNoTray(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.has_tray) return null
  return 'This desktop shows no tray, so closing the last window quits the app. GNOME shows one with the extension “AppIndicator and KStatusNotifierItem Support”.'
}

/** @returns why the app cannot start at login, or null if it can */
export function whyNoLogin(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.packaged) return null
  return 'Only an installed app can be started by the system; this one runs from source.'
}

/** @returns why updates are not checked, or null if they are */
export function whyNoUpdates(shell: ShellFacts | undefined): string | null {
  if (shell === undefined || shell.packaged) return null
  return 'Only an installed app checks for updates; this one runs from source.'
}
