// The files that a Linux package installs, as a tree. No installation scripts are needed: the links are files of the
// package, and the desktop's triggers pick up its entry and its icons.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  globSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { linuxAppFolder, root } from './app-folder.ts'

/** Where the app is installed. */
export const PREFIX = 'opt/Runboard'
/**
 * The helper of Chromium's sandbox: where users may not create namespaces it must belong to root, with the set-uid bit.
 */
export const SANDBOX_HELPER = `${PREFIX}/chrome-sandbox`

export interface Kind {
  /** The kind that the updater, once it has a feed, requests. */
  name: 'deb' | 'rpm'
  /** Where its systems look for zsh completions. */
  zsh: string
  /** Where it puts the text of the licence. */
  license: string
}

export interface Manifest {
  version: string
  license: string
  /** The first sentence of the description, without its full stop. */
  summary: string
  /** The sentences after the first. */
  details: string[]
}

export function readManifest(): Manifest {
  const { version, license, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
    license: string
    description: string
  }
  const [first = '', ...details] = description.split(/(?<=\.) /)
  return { version, license, summary: first.replace(/\.$/, ''), details }
}

export function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** As `cp -al`: the files are hard-linked, not copied. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) linkTree(source, target)
    else linkSync(source, target)
  }
}

const DESKTOP_ENTRY = `[Desktop Entry]
Name=Runboard
GenericName=Task board
Comment=A board for work done by local processes
Exec=/${PREFIX}/runboard-desktop %U
Icon=runboard
Type=Application
Terminal=false
Categories=Development;ProjectManagement;
MimeType=x-scheme-handler/runboard;
StartupWMClass=Runboard
`

function placeApp(stage: string, kind: Kind): void {
  linkTree(linuxAppFolder(), join(stage, PREFIX))
  const helper = join(stage, SANDBOX_HELPER)
  rmSync(helper)
  cpSync(join(linuxAppFolder(), 'chrome-sandbox'), helper)
  chmodSync(helper, 0o4755)
  write(join(stage, PREFIX, 'resources/package-type'), kind.name)
}

function placeCommand(stage: string, kind: Kind): void {
  const folder = join(stage, 'usr/bin')
  mkdirSync(folder, { recursive: true })
  symlinkSync(`../../${PREFIX}/resources/bin/runboard`, join(folder, 'runboard'))
  symlinkSync(`../../${PREFIX}/runboard-desktop`, join(folder, 'runboard-desktop'))
  const command = join(stage, PREFIX, 'resources/bin/runboard')
  const script = (shell: string) => execFileSync(command, ['completion', shell], { encoding: 'utf8' })
  write(join(stage, 'usr/share/bash-completion/completions/runboard'), script('bash'))
  write(join(stage, kind.zsh, '_runboard'), script('zsh'))
  write(join(stage, 'usr/share/fish/vendor_completions.d/runboard.fish'), script('fish'))
}

function placeShared(stage: string, kind: Kind): void {
  write(join(stage, 'usr/share/applications/runboard.desktop'), DESKTOP_ENTRY)
  for (const icon of globSync('build/icons/*.png', { cwd: root })) {
    const size = basename(icon, '.png')
    const target = join(stage, `usr/share/icons/hicolor/${size}/apps/runboard.png`)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(root, icon), target)
  }
  write(join(stage, kind.license), readFileSync(join(root, 'LICENSE'), 'utf8'))
}

/** Sets the modes that a package needs, whatever the umask. */
function setModes(stage: string): void {
  execFileSync('find', [stage, '-type', 'd', '-exec', 'chmod', '0755', '{}', '+'])
  for (const file of filesIn(join(stage, 'usr'))) chmodSync(file, 0o644)
}

/**
 * Creates the tree, and replaces an older one.
 *
 * @param stage the folder to create, on the same file system as the app's folder
 * @throws when the app's folder does not exist
 */
export function makeStage(stage: string, kind: Kind): void {
  rmSync(stage, { recursive: true, force: true })
  placeApp(stage, kind)
  placeCommand(stage, kind)
  placeShared(stage, kind)
  setModes(stage)
}
