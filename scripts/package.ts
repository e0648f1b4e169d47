// `npm run package [dir|deb]` and `npm run dist`: packs what is built. docs/packaging.md says what comes out.
import { parseArgs } from 'node:util'
import { build, Platform } from 'electron-builder'
import { electronSource, linuxAppFolder, packAppFolder } from './package/app-folder.ts'
import { packDeb } from './package/deb.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { draft: { type: 'boolean', default: false } },
})
const what = positionals[0] ?? 'dir'

/** All packages of this platform. */
async function packAll(): Promise<void> {
  const linux = process.platform === 'linux'
  if (linux) packDeb(values.draft)
  await build({
    targets: Platform.current().createTarget(),
    publish: 'never',
    // The others may be for more machines than this one.
    ...(linux ? { config: electronSource(), prepackaged: linuxAppFolder() } : {}),
  })
}

if (!['dir', 'deb', 'all'].includes(what)) {
  console.error('What is to be packed? dir (the app in a folder), deb, or all.')
  process.exit(2)
}
await packAppFolder()
if (what === 'deb') packDeb(values.draft)
if (what === 'all') await packAll()
