import { app } from 'electron'

/**
 * Facts about the shell for the settings of a page: they show what the system can do, and say why where it cannot.
 *
 * @param has_tray whether an icon in the tray is seen
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
