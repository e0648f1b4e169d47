// The package for Fedora, openSUSE and derivatives, built by rpmbuild from the app's folder.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './app-folder.ts'
import { type Kind, makeStage, PREFIX, readManifest, SANDBOX_HELPER, write } from './stage.ts'

const KIND: Kind = {
  name: 'rpm',
  zsh: 'usr/share/zsh/site-functions',
  license: 'usr/share/licenses/runboard/LICENSE',
}

/** rpm's names of architectures. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', arm64: 'aarch64' }

/** What Electron's program is linked against, or loads: Fedora's names, then openSUSE's. */
const REQUIRES = [
  '(alsa-lib or libasound2)',
  '(at-spi2-core or libatspi0)',
  'glibc >= 2.28',
  '(gtk3 or libgtk-3-0)',
  '(libXScrnSaver or libXss1)',
  '(libXtst or libXtst6)',
  '(libnotify or libnotify4)',
  '(libsecret or libsecret-1-0)',
  '(mesa-libgbm or libgbm1)',
  '(nss or mozilla-nss)',
  'xdg-utils',
]

/** Disables what rpmbuild does to files by default: strip programs, link them by build id, derive dependencies. */
const AS_THEY_ARE = [
  '%global debug_package %{nil}',
  '%global __os_install_post %{nil}',
  '%global _build_id_links none',
  'AutoReqProv: no',
]

/**
 * @returns the lines that list the package's contents; it owns the folders of the app, all other folders belong to the
 *   system
 */
function contents(stage: string): string[] {
  return readdirSync(stage, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = relative(stage, join(entry.parentPath, entry.name))
    // Quoted, because names contain blanks; a percent sign would start a macro.
    const name = `"/${path.replaceAll('%', '%%')}"`
    if (!entry.isDirectory()) return path === SANDBOX_HELPER ? `%attr(4755,root,root) ${name}` : name
    return `${path}/`.startsWith(`${PREFIX}/`) || entry.name === 'runboard' ? `%dir ${name}` : []
  })
}

function specOf(stage: string, draft: boolean): string {
  const { version, license, summary, details } = readManifest()
  return [
    ...AS_THEY_ARE,
    `%global _binary_payload ${draft ? 'w1.gzdio' : 'w6.xzdio'}`,
    'Name: runboard',
    // A pre-release version must sort below its release.
    `Version: ${version.replace('-', '~')}`,
    'Release: 1',
    `Summary: ${summary}`,
    `License: ${license}`,
    'Vendor: The Runboard authors',
    ...REQUIRES.map((name) => `Requires: ${name}`),
    'Recommends: git-core',
    '%description',
    `${summary}.`,
    ...details,
    '%install',
    'mkdir -p "%{buildroot}"',
    'cp -al "$RUNBOARD_STAGE"/. "%{buildroot}"/',
    '%files',
    '%defattr(-,root,root,0755)',
    ...contents(stage),
    '',
  ].join('\n')
}

/**
 * @param draft compresses quickly rather than well: for tests
 * @returns the path of the package
 * @throws when rpmbuild is missing, or the app's folder does not exist
 */
export function packRpm(draft: boolean): string {
  const architecture = ARCHITECTURES[process.arch]
  if (architecture === undefined) throw new Error(`No rpm is made on ${process.arch}.`)
  const work = join(root, 'dist/rpm')
  const stage = join(work, 'stage')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  makeStage(stage, KIND)
  const spec = join(work, 'runboard.spec')
  write(spec, specOf(stage, draft))
  // The package must not contain the build machine's name.
  const macros = { _topdir: work, _buildhost: 'localhost' }
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  const words = [
    '-bb',
    '--quiet',
    '--target',
    architecture,
    ...defines,
    '--buildroot',
    join(work, 'root'),
    spec,
  ]
  const env = { ...process.env, RUNBOARD_STAGE: stage }
  execFileSync('rpmbuild', words, { stdio: ['ignore', 'ignore', 'inherit'], env })
  const [made = ''] = readdirSync(join(work, 'RPMS', architecture))
  const path = join(root, 'dist', made)
  renameSync(join(work, 'RPMS', architecture, made), path)
  rmSync(work, { recursive: true })
  return path
}
