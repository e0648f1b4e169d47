// A draft of the AppImage, for its tests: built by electron-builder as for a release, but with Debian's squashfs tools
// and a stand-in for AppImage's own runtime, so that nothing is downloaded.
import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, Platform } from 'electron-builder'
import { electronSource, linuxAppFolder, root } from './app-folder.ts'
import { write } from './stage.ts'

/** The file system of an AppImage begins here; what is before it is the runtime. */
const RUNTIME_BYTES = 4096

/**
 * Does what the runtime does: mounts the file system, starts AppRun with the variables that it expects, and unmounts
 * when the app has ended.
 */
const RUNTIME = `#!/bin/sh
export APPIMAGE="$(readlink -f "$0")"
export APPDIR="$(mktemp -d /tmp/.mount_XXXXXX)"
squashfuse -o ro,offset=${RUNTIME_BYTES} "$APPIMAGE" "$APPDIR" || exit 127
app=$$
(
  while kill -0 $app 2>/dev/null; do sleep 0.1; done
  fusermount -u "$APPDIR"
  rmdir "$APPDIR"
) >/dev/null 2>&1 &
exec "$APPDIR/AppRun" "$@"
`

/** @returns whether the tools are there that make and mount the file system of an AppImage */
export function hasSquashfs(): boolean {
  return ['mksquashfs', 'squashfuse'].every((tool) => spawnSync(tool, ['-version']).error === undefined)
}

function toolsFolder(): string {
  const folder = join(root, 'dist/appimage/tools')
  const tool = (name: string, script: string) => {
    const path = join(folder, `linux-${process.arch}`, name)
    write(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
  }
  // Quick rather than small.
  tool('mksquashfs', 'exec mksquashfs "$@" -comp gzip -Xcompression-level 1')
  // electron-builder wants to have it and does not call it.
  tool('desktop-file-validate', 'exit 1')
  mkdirSync(join(folder, 'lib', process.arch), { recursive: true })
  writeFileSync(join(folder, `runtime-${process.arch}`), RUNTIME.padEnd(RUNTIME_BYTES, '\n'))
  return folder
}

/**
 * @returns the path of the AppImage, in `dist/appimage/`
 * @throws what electron-builder throws
 */
export async function packDraftAppImage(): Promise<string> {
  const output = join(root, 'dist/appimage')
  rmSync(output, { recursive: true, force: true })
  process.env['APPIMAGE_TOOLS_PATH'] = toolsFolder()
  await build({
    targets: Platform.LINUX.createTarget('AppImage'),
    publish: 'never',
    prepackaged: linuxAppFolder(),
    config: { ...electronSource(), directories: { output } },
  })
  const [made] = globSync('*.AppImage', { cwd: output })
  if (made === undefined) throw new Error('electron-builder has made no AppImage.')
  return join(output, made)
}
