import { join } from 'node:path'
import { BrowserWindow, app } from 'electron'

void app.whenReady().then(() => {
  const window = new BrowserWindow({
    webPreferences: { preload: join(__dirname, '../preload/index.cjs'), sandbox: true },
  })
  void window.loadFile(join(__dirname, '../renderer/index.html'))
})
