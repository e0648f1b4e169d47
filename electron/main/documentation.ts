import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, shell } from 'electron'
import { e2e } from './e2e-hooks.ts'

/** The folder of the docs that come with the app: among its resources if it is installed, else in its sources. */
function documentationFolder(): string {
  const installed = join(process.resourcesPath, 'docs')
  return existsSync(installed) ? installed : join(app.getAppPath(), 'docs')
}

/**
 * Opens the guide in the system's program for Markdown files. Where there is none, shows the file in its folder. Never
 * uses the network.
 */
export function showDocumentation(): void {
  const guide = join(documentationFolder(), 'guide.md')
  // End-to-end tests check what would be opened, and open nothing.
  if (e2e !== null) {
    e2e.openedOutside.push(guide)
    return
  }
  void shell.openPath(guide).then((problem) => {
    if (problem !== '') shell.showItemInFolder(guide)
  })
}
