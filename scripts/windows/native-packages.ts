import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What the tests load as a binary. npm installs only those of the machine's own system. */
const NEEDED = ['@koromix/koffi-win32-x64', '@rolldown/binding-win32-x64-msvc', 'lightningcss-win32-x64-msvc']

interface LockFile {
  packages: Record<string, { version: string }>
}

/** Puts the binaries for Windows beside those of this machine, in the versions of the lock file. */
export function placeNativePackages(): void {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile
  for (const name of NEEDED) {
    const folder = join('node_modules', name)
    const version = lock.packages[folder]?.version
    if (version === undefined) throw new Error(`package-lock.json does not have ${name}`)
    if (!existsSync(folder)) placePackage(`${name}@${version}`, folder)
  }
}

function placePackage(spec: string, folder: string): void {
  mkdirSync('node_modules/.cache', { recursive: true })
  const temporary = mkdtempSync('node_modules/.cache/native-')
  try {
    const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', temporary, spec]
    const archive = execFileSync('npm', args, { encoding: 'utf8' }).trim()
    execFileSync('tar', ['xzf', archive], { cwd: temporary })
    mkdirSync(dirname(folder), { recursive: true })
    renameSync(join(temporary, 'package'), folder)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
