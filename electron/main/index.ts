import { join } from 'node:path'
import { app, dialog } from 'electron'
import { defaultHome } from '../../kernel/index.ts'
import { DesktopApp } from './desktop-app.ts'
import { ownCommand } from './own-command.ts'
import { registerPageScheme } from './page.ts'

const home = defaultHome(process.env)

/** An unhandled rejection must not end the process that dispatches. */
process.on('unhandledRejection', (cause) => {
  console.error('Unhandled rejection', cause)
})

async function start(): Promise<void> {
  await app.whenReady()
  try {
    await new DesktopApp(home, await ownCommand(home)).start(process.argv)
  } catch (error) {
    console.error(error)
    dialog.showErrorBox('Runboard cannot start', error instanceof Error ? error.message : String(error))
    app.exit(1)
  }
}

// Shown in menus and dialogs; the name in package.json is that of the command.
app.setName('Runboard')
// Windows assigns notifications by this id; the installer writes the same one (electron-builder.yml).
app.setAppUserModelId('app.runboard.desktop')
// Inside the home, so that each home has its own app and its own lock.
app.setPath('userData', join(home, 'electron'))
registerPageScheme()
if (app.requestSingleInstanceLock()) void start()
else app.quit()
