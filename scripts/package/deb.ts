// The package for Debian, Ubuntu and derivatives, built by dpkg-deb from the app's folder.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './app-folder.ts'
import { makeNextVersion } from './next-version.ts'
import { filesIn, type Kind, makeStage, PREFIX, readManifest, write } from './stage.ts'

const KIND: Kind = {
  name: 'deb',
  zsh: 'usr/share/zsh/vendor-completions',
  license: 'usr/share/doc/runboard/copyright',
}

/** Debian's names of architectures. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** What Electron's program is linked against, or loads; the second names are those since the change of time_t. */
const DEPENDS = [
  'libasound2 | libasound2t64',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libc6 (>= 2.28)',
  'libgbm1',
  'libgtk-3-0 | libgtk-3-0t64',
  'libnotify4',
  'libnss3',
  'libsecret-1-0',
  'libxss1',
  'libxtst6',
  'xdg-utils',
]

function writeControl(stage: string, architecture: string, version: string): void {
  const { summary, details } = readManifest()
  const files = filesIn(stage)
  const kibibytes = Math.ceil(files.reduce((sum, file) => sum + lstatSync(file).size, 0) / 1024)
  const sums = files.map((file) => {
    const sum = createHash('md5').update(readFileSync(file)).digest('hex')
    return `${sum}  ${relative(stage, file)}\n`
  })
  write(join(stage, 'DEBIAN/md5sums'), sums.join(''))
  const fields = [
    'Package: runboard',
    // A pre-release version must sort below its release.
    `Version: ${version.replace('-', '~')}`,
    `Architecture: ${architecture}`,
    'Maintainer: The Runboard authors <runboard@localhost>',
    'Section: devel',
    'Priority: optional',
    `Installed-Size: ${kibibytes}`,
    `Depends: ${DEPENDS.join(', ')}`,
    'Recommends: git, libayatana-appindicator3-1',
    `Description: ${summary}`,
    ...details.map((sentence) => ` ${sentence}`),
  ]
  write(join(stage, 'DEBIAN/control'), `${fields.join('\n')}\n`)
  for (const file of filesIn(join(stage, 'DEBIAN'))) chmodSync(file, 0o644)
}

/**
 * @param draft compresses quickly rather than well: for tests
 * @returns the path of the package
 * @throws when dpkg-deb is missing, or the app's folder does not exist
 */
export function packDeb(draft: boolean): string {
  const stage = join(root, 'dist/deb')
  makeStage(stage, KIND)
  return buildDeb(stage, readManifest().version, join(root, 'dist'), draft)
}

/**
 * A draft of the version after this one, in `dist/next/`: for the test of an upgrade. It has the same code under the next
 * number, and one more migration.
 *
 * @returns the path of the package
 * @throws as `packDeb`
 */
export async function packNextDeb(): Promise<string> {
  const folder = join(root, 'dist/next')
  rmSync(folder, { recursive: true, force: true })
  const stage = join(folder, 'stage')
  makeStage(stage, KIND)
  return buildDeb(stage, await makeNextVersion(join(stage, PREFIX, 'resources')), folder, true)
}

/** Packs the stage, and removes it. */
function buildDeb(stage: string, version: string, folder: string, draft: boolean): string {
  const architecture = ARCHITECTURES[process.arch]
  if (architecture === undefined) throw new Error(`No package for Debian is made on ${process.arch}.`)
  writeControl(stage, architecture, version)
  const path = join(folder, `runboard_${version}_${architecture}.deb`)
  const compression = draft ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6']
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, path], {
    stdio: 'inherit',
  })
  rmSync(stage, { recursive: true })
  return path
}
