import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, shell } from 'electron'
import { e2e } from './e2e-hooks.ts'

/** The pages that come with the app: beside its program if it is installed, else in its sources. */
function documentationFolder(): string {
  const installed = join(process.resourcesPath, 'docs')
  return existsSync(installed) ? installed : join(app.getAppPath(), 'docs')
}

/** Opens the guide in the system's program for Markdown, or else its folder. Nothing is fetched from the network. */
export function showDocumentation(): void {
  const guide = join(documentationFolder(), 'guide.md')
  if (e2e !== null) {
    e2e.openedOutside.push(guide)
    return
  }
  void shell.openPath(guide).then((problem) => {
    if (problem !== '') shell.showItemInFolder(guide)
  })
}
