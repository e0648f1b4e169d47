import { existsSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { writeFileAtomic } from '../../kernel/index.ts'
import { e2e } from './e2e-hooks.ts'

/** With this argument the app starts into the tray, without a window. */
export const HIDDEN_WORD = '--hidden'

/** The file by which Linux desktops start the app with the session (freedesktop.org: Desktop Application Autostart). */
function autostartFile(): string {
  const folder = process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config')
  return join(folder, 'autostart', 'runboard.desktop')
}

function autostartEntry(program: string): string {
  // Quoted according to the specification of desktop entries.
  const quoted = `"${program.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`
  return `[Desktop Entry]\nType=Application\nName=Runboard\nExec=${quoted} ${HIDDEN_WORD}\nX-GNOME-Autostart-enabled=true\n`
}

/** Makes the system start the app, hidden, with the session, or stops that. Works only for a packaged app. */
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
