import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyOfRuntime } from './runtime-copy.ts'

let folder: string
let mount: string
let home: string

function file(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** An app as in the mount of an AppImage. */
function placeApp(archive: string): void {
  file(join(mount, 'runboard-desktop'), 'the program')
  chmodSync(join(mount, 'runboard-desktop'), 0o755)
  for (const name of ['libffmpeg.so', 'icudtl.dat', 'snapshot_blob.bin', 'libGLESv2.so', 'resources.pak']) {
    file(join(mount, name), name)
  }
  file(join(mount, 'resources/app.asar'), archive)
  file(join(mount, 'resources/app.asar.unpacked/node_modules/a/a.node'), 'a library')
}

function copy(version: string) {
  const program = join(mount, 'runboard-desktop')
  return copyOfRuntime({ home, program, resources: join(mount, 'resources'), version })
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runboard-runtime-'))
  mount = join(folder, 'mount')
  home = join(folder, 'home')
  placeApp('the archive')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('stays when the mount disappears, with what Node needs and nothing for windows', async () => {
  const { program, resources } = await copy('1.0.0')
  renameSync(mount, join(folder, 'gone'))
  expect(statSync(program).mode & 0o111).not.toBe(0)
  expect(readdirSync(dirname(program)).sort()).toEqual([
    '.runboard-runtime',
    'icudtl.dat',
    'libffmpeg.so',
    'resources',
    'runboard-desktop',
    'snapshot_blob.bin',
  ])
  expect(readFileSync(join(resources, 'app.asar'), 'utf8')).toBe('the archive')
  expect(readFileSync(join(resources, 'app.asar.unpacked/node_modules/a/a.node'), 'utf8')).toBe('a library')
})

it('is created once per version', async () => {
  const { program } = await copy('1.0.0')
  const before = statSync(program).ino
  expect((await copy('1.0.0')).program).toBe(program)
  expect(statSync(program).ino).toBe(before)
})

it('is kept along with the previous one, and foreign folders are never removed', async () => {
  file(join(home, 'runtime/mine/notes.txt'), 'mine')
  const copies: string[] = []
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) copies.push(dirname((await copy(version)).program))
  expect(copies.map((path) => existsSync(path))).toEqual([false, true, true])
  expect(existsSync(join(home, 'runtime/mine/notes.txt'))).toBe(true)
})

it('is separate for another build of the same version', async () => {
  const { program } = await copy('1.0.0')
  placeApp('another archive')
  expect((await copy('1.0.0')).program).not.toBe(program)
})
