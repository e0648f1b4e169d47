import { app } from 'electron'

/**
 * What a page is told of the shell that it runs in, for its settings: they show what the system can do, and say why
 * where it cannot.
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
