// The package for Debian, Ubuntu and their kin, made by dpkg-deb from the app's folder. It needs no scripts at
// installation: the links are files of the package, and the desktop's triggers find its entry and its icons.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  globSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { linuxAppFolder, root } from './app-folder.ts'

const PREFIX = 'opt/Runboard'

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

interface Manifest {
  name: string
  version: string
  description: string
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
}

/** As `cp -al`: the app's folder is not copied, its files get a second name. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) linkTree(source, target)
    else linkSync(source, target)
  }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

const DESKTOP_ENTRY = `[Desktop Entry]
Name=Runboard
GenericName=Task board
Comment=A board for work that is done by local processes
Exec=/${PREFIX}/runboard-desktop %U
Icon=runboard
Type=Application
Terminal=false
Categories=Development;ProjectManagement;
MimeType=x-scheme-handler/runboard;
StartupWMClass=Runboard
`

/** Chromium's own sandbox: its helper must belong to root, with the set-uid bit, where users may make no namespaces. */
function placeApp(stage: string): void {
  const target = join(stage, PREFIX)
  linkTree(linuxAppFolder(), target)
  const helper = join(target, 'chrome-sandbox')
  rmSync(helper)
  cpSync(join(linuxAppFolder(), 'chrome-sandbox'), helper)
  chmodSync(helper, 0o4755)
  // By this the updater, once it has a feed, knows what to ask for.
  write(join(target, 'resources/package-type'), 'deb')
}

function placeCommand(stage: string): void {
  const folder = join(stage, 'usr/bin')
  mkdirSync(folder, { recursive: true })
  symlinkSync(`../../${PREFIX}/resources/bin/runboard`, join(folder, 'runboard'))
  symlinkSync(`../../${PREFIX}/runboard-desktop`, join(folder, 'runboard-desktop'))
  const command = join(stage, PREFIX, 'resources/bin/runboard')
  const script = (shell: string) => execFileSync(command, ['completion', shell], { encoding: 'utf8' })
  write(join(stage, 'usr/share/bash-completion/completions/runboard'), script('bash'))
  write(join(stage, 'usr/share/zsh/vendor-completions/_runboard'), script('zsh'))
  write(join(stage, 'usr/share/fish/vendor_completions.d/runboard.fish'), script('fish'))
}

function placeShared(stage: string): void {
  write(join(stage, 'usr/share/applications/runboard.desktop'), DESKTOP_ENTRY)
  for (const icon of globSync('build/icons/*.png', { cwd: root })) {
    const size = basename(icon, '.png')
    const target = join(stage, `usr/share/icons/hicolor/${size}/apps/runboard.png`)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(root, icon), target)
  }
  cpSync(join(root, 'LICENSE'), join(stage, 'usr/share/doc/runboard/copyright'))
}

function control(stage: string, { version, description }: Manifest, architecture: string): void {
  const files = filesIn(stage)
  const kibibytes = Math.ceil(files.reduce((sum, file) => sum + lstatSync(file).size, 0) / 1024)
  const sums = files.map((file) => {
    const sum = createHash('md5').update(readFileSync(file)).digest('hex')
    return `${sum}  ${relative(stage, file)}\n`
  })
  write(join(stage, 'DEBIAN/md5sums'), sums.join(''))
  const [summary = '', ...rest] = description.split(/(?<=\.) /)
  const fields = [
    'Package: runboard',
    // A version before its release sorts below it.
    `Version: ${version.replace('-', '~')}`,
    `Architecture: ${architecture}`,
    'Maintainer: The Runboard authors <runboard@localhost>',
    'Section: devel',
    'Priority: optional',
    `Installed-Size: ${kibibytes}`,
    `Depends: ${DEPENDS.join(', ')}`,
    'Recommends: git, libayatana-appindicator3-1',
    `Description: ${summary.replace(/\.$/, '')}`,
    ...rest.map((sentence) => ` ${sentence}`),
  ]
  write(join(stage, 'DEBIAN/control'), `${fields.join('\n')}\n`)
}

/** Folders and files as a package has them, whatever the umask of whoever builds it is. */
function setModes(stage: string): void {
  execFileSync('find', [stage, '-type', 'd', '-exec', 'chmod', '0755', '{}', '+'])
  for (const file of filesIn(join(stage, 'usr'))) chmodSync(file, 0o644)
  for (const file of filesIn(join(stage, 'DEBIAN'))) chmodSync(file, 0o644)
}

/**
 * @param draft compresses quickly rather than well: for tests
 * @returns the path of the package
 * @throws where dpkg-deb is not there, or the app's folder has not been made
 */
export function packDeb(draft: boolean): string {
  const architecture = ARCHITECTURES[process.arch]
  if (architecture === undefined) throw new Error(`No package for Debian is made on ${process.arch}.`)
  const described = manifest()
  const stage = join(root, 'dist/deb')
  rmSync(stage, { recursive: true, force: true })
  placeApp(stage)
  placeCommand(stage)
  placeShared(stage)
  control(stage, described, architecture)
  setModes(stage)
  const path = join(root, 'dist', `runboard_${described.version}_${architecture}.deb`)
  const compression = draft ? ['-Zgzip', '-z1'] : ['-Zxz', '-z6']
  execFileSync('dpkg-deb', ['--root-owner-group', ...compression, '--build', stage, path], {
    stdio: 'inherit',
  })
  rmSync(stage, { recursive: true })
  console.log(`${relative(root, path)}: ${(statSync(path).size / 1e6).toFixed(0)} MB`)
  return path
}
