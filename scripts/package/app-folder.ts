// The app's folder, which every package contains: built by electron-builder according to electron-builder.yml.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Configuration, Platform } from 'electron-builder'

export const root = join(import.meta.dirname, '../..')

/** Where electron-builder puts the app for this machine on Linux. */
export function linuxAppFolder(): string {
  return join(root, 'dist', process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`)
}

/**
 * Takes Electron's program from the package `electron`, which has the one for this machine. Without it, and for other
 * machines, electron-builder downloads it.
 */
export function electronSource(): Configuration {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(root, 'node_modules/electron/dist')
  if (!existsSync(join(folder, 'version'))) return {}
  return { electronDist: folder, electronVersion: readFileSync(join(folder, 'version'), 'utf8').trim() }
}

/** Packs the output of `npm run build`. @throws what electron-builder throws */
export async function packAppFolder(): Promise<void> {
  if (!existsSync(join(root, 'out/main/index.cjs'))) throw new Error('Nothing is built: run `npm run build`.')
  rmSync(linuxAppFolder(), { recursive: true, force: true })
  await build({ targets: Platform.current().createTarget('dir'), publish: 'never', config: electronSource() })
}
