import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { whyNoElectron } from './find-electron.ts'
import { root } from './home.ts'

/** Where `npm run package` puts the app on Linux. */
export const appFolder = join(
  root,
  'dist',
  process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`,
)

/** @returns the path of the package of this kind, or null if there is none */
export function findPackage(kind: 'deb' | 'rpm'): string | null {
  const [found] = globSync(`dist/*.${kind}`, { cwd: root })
  return found === undefined ? null : join(root, found)
}

/** @returns the path of the deb of the next version, which `npm run package -- next` makes, or null if there is none */
export function findNextDeb(): string | null {
  const [found] = globSync('dist/next/*.deb', { cwd: root })
  return found === undefined ? null : join(root, found)
}

/** @returns the path of the AppImage of `npm run package -- appimage`, or null if none can be mounted here */
export function findAppImage(): string | null {
  const [found] = globSync('dist/appimage/*.AppImage', { cwd: root })
  if (found === undefined) return null
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK)
    return join(root, found)
  } catch {
    return null
  }
}

/** @returns null if there is a packed app to test, else the reason, as the end of a sentence */
export function whyNoPackage(): string | null {
  if (process.platform !== 'linux') return 'they are written for Linux'
  const archive = join(appFolder, 'resources/app.asar')
  if (!existsSync(archive)) return 'nothing is packed (`npm run package -- deb rpm next --draft` does it)'
  const built = join(root, 'out/main/index.cjs')
  if (existsSync(built) && statSync(built).mtimeMs > statSync(archive).mtimeMs) {
    return 'the package is older than the build (`npm run package -- deb rpm next --draft` packs it again)'
  }
  return whyNoElectron()
}
