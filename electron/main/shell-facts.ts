import { app } from 'electron'

/**
 * Facts about the shell for a page's settings, which show what the system can do, or why it cannot.
 *
 * @param has_tray whether the system shows a tray icon
 */
export function shellFacts(has_tray: boolean) {
  const { electron = '', chrome = '', node = '' } = process.versions
  return {
    platform: process.platform,
    version: app.getVersion(),
    packaged: app.isPackaged,
    has_tray,
    versions: { electron, chrome, node },
  }
}
