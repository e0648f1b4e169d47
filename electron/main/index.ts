import { join } from 'node:path'
import { app, dialog } from 'electron'
import { defaultHome } from '../../kernel/index.ts'
import { DesktopApp } from './desktop-app.ts'
import { ownCommand } from './own-command.ts'
import { registerPageScheme } from './page.ts'

const home = defaultHome(process.env)

/** What nobody waited for must not end the process that dispatches. */
process.on('unhandledRejection', (cause) => {
  console.error('Something failed that nobody waited for', cause)
})

async function start(): Promise<void> {
  await app.whenReady()
  try {
    await new DesktopApp(home, await ownCommand(home)).start(process.argv)
  } catch (cause) {
    console.error(cause)
    dialog.showErrorBox('Runboard cannot start', cause instanceof Error ? cause.message : String(cause))
    app.exit(1)
  }
}

// Not that of package.json, which is the name of the command: menus and dialogs show it.
app.setName('Runboard')
// By this Windows knows whose notifications these are; the installer writes the same (electron-builder.yml).
app.setAppUserModelId('app.runboard.desktop')
// Under the home, so that each home has an app, and a lock, of its own.
app.setPath('userData', join(home, 'electron'))
registerPageScheme()
if (app.requestSingleInstanceLock()) void start()
else app.quit()
