import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { writeFileAtomic } from '../../kernel/index.ts'
import { e2e } from './e2e-hooks.ts'

/** With this word on its command line the app starts into the tray, without a window. */
export const HIDDEN_WORD = '--hidden'

/** Where desktops of Linux look for what starts with the session (freedesktop.org: Desktop Application Autostart). */
function autostartFile(): string {
  const folder = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return join(folder, 'autostart', 'runboard.desktop')
}

function autostartEntry(program: string): string {
  // Quoted as the specification of desktop entries wants it.
  const quoted = `"${program.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  return `[Desktop Entry]\nType=Application\nName=Runboard\nExec=${quoted} ${HIDDEN_WORD}\nX-GNOME-Autostart-enabled=true\n`
}

/** Has the system start the app, hidden, when the session begins; or not any more. Only a packaged app can be. */
export function setStartAtLogin(on: boolean): void {
  if (e2e !== null) e2e.asked.start_at_login = on
  if (!app.isPackaged) return
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: on, args: [HIDDEN_WORD] })
    return
  }
  const file = autostartFile()
  const entry = autostartEntry(process.env['APPIMAGE'] ?? process.execPath)
  // An entry that starts another Runboard, or that was edited, is not ours to remove.
  const isThere = existsSync(file) && readFileSync(file, 'utf8') === entry
  if (!on && isThere) rmSync(file)
  if (!on || isThere) return
  writeFileAtomic(file, entry)
}
