// `npm run dev`: the app in development, with live updates of the screens. Arguments after `--` go to electron-vite.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { electronPath, whyNoWindow } from './electron.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const args = process.argv.slice(2)
// electron-vite's own switch, for containers where everything runs as root.
const reason = whyNoWindow({ allowRoot: args.includes('--noSandbox') })
if (reason !== null) {
  console.error(
    `No window: ${reason}. Run \`npm run build && npx runboard serve\` to see the board in a browser.`,
  )
  process.exit(1)
}
const child = spawn(
  process.execPath,
  [join(root, 'node_modules/electron-vite/bin/electron-vite.js'), 'dev', ...args],
  {
    cwd: root,
    stdio: 'inherit',
    // electron-vite neither searches for a custom Electron nor downloads one.
    env: { ...process.env, ELECTRON_EXEC_PATH: electronPath() },
  },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('close', (code) => process.exit(code ?? 1))
