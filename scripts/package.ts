// `npm run package [dir] [deb] [rpm] [next] [appimage]` and `npm run dist`: packages the built app. docs/packaging.md describes the
// output.
import { statSync } from 'node:fs'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { build, Platform } from 'electron-builder'
import { packDraftAppImage } from './package/appimage.ts'
import { electronSource, linuxAppFolder, packAppFolder, root } from './package/app-folder.ts'
import { packDeb, packNextDeb } from './package/deb.ts'
import { packRpm } from './package/rpm.ts'
import { hasRpmbuild } from './package/rpmbuild.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { draft: { type: 'boolean', default: false } },
})

function report(path: string): void {
  console.log(`${relative(root, path)}: ${(statSync(path).size / 1e6).toFixed(0)} MB`)
}

/** All packages for this platform that can be built here. */
async function packAll(): Promise<void> {
  const linux = process.platform === 'linux'
  if (linux) {
    report(packDeb(values.draft))
    if (hasRpmbuild()) report(packRpm(values.draft))
    else console.log('No rpm is made: rpmbuild is not there.')
  }
  await build({
    targets: Platform.current().createTarget(),
    publish: 'never',
    // Packages for other platforms may cover more architectures than this machine's.
    ...(linux ? { config: electronSource(), prepackaged: linuxAppFolder() } : {}),
  })
}

const unknown = positionals.filter((what) => !['dir', 'deb', 'rpm', 'next', 'appimage', 'all'].includes(what))
if (unknown.length > 0) {
  console.error('Name what to pack: dir (the app in a folder), deb, rpm or all; for tests, next or appimage.')
  process.exit(2)
}
await packAppFolder()
if (positionals.includes('all')) await packAll()
else {
  if (positionals.includes('deb')) report(packDeb(values.draft))
  if (positionals.includes('rpm')) report(packRpm(values.draft))
  if (positionals.includes('next')) report(await packNextDeb())
  if (positionals.includes('appimage')) report(await packDraftAppImage())
}
