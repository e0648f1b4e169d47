import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Marks our folders: a folder without it is never removed. */
const MARKER = '.runboard-runtime'

/** Libraries and data that Electron's program needs to run as Node; the rest is for windows. */
const NEEDED = [/^libffmpeg\.so$/, /^icudtl\.dat$/, /_blob\.bin$/, /^v8_context_snapshot\.bin$/]

/** This version and the one before: workers that the old one started may still call it. */
const KEPT = 2

export interface RuntimeCopyOptions {
  home: string
  /** The running program, in a folder that will disappear. */
  program: string
  /** The folder that contains app.asar. */
  resources: string
  version: string
}

export interface RuntimeCopy {
  program: string
  resources: string
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false
}

async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyTree(source, target)
    else await copyFile(source, target, constants.COPYFILE_FICLONE)
  }
}

/** Identifies a build: two builds of one version hardly ever have the same size and time. */
async function fingerprint(archive: string): Promise<string> {
  const { size, mtimeMs } = await stat(archive)
  return createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex').slice(0, 8)
}

async function copyRuntime({ program, resources }: RuntimeCopyOptions, target: string): Promise<void> {
  const folder = dirname(program)
  const names = (await readdir(folder)).filter((name) => NEEDED.some((pattern) => pattern.test(name)))
  await mkdir(join(target, 'resources'), { recursive: true, mode: 0o700 })
  await writeFile(join(target, MARKER), new Date().toISOString())
  for (const name of [basename(program), ...names]) {
    await copyFile(join(folder, name), join(target, name), constants.COPYFILE_FICLONE)
  }
  await copyFile(join(resources, 'app.asar'), join(target, 'resources/app.asar'), constants.COPYFILE_FICLONE)
  await copyTree(join(resources, 'app.asar.unpacked'), join(target, 'resources/app.asar.unpacked'))
}

async function removeOld(parent: string, current: string): Promise<void> {
  const made: { name: string; at: string }[] = []
  for (const name of await readdir(parent)) {
    const marker = join(parent, name, MARKER)
    if (name !== current && (await isFile(marker))) made.push({ name, at: await readFile(marker, 'utf8') })
  }
  const old = made.sort((a, b) => b.at.localeCompare(a.at)).slice(KEPT - 1)
  for (const { name } of old) await rm(join(parent, name), { recursive: true, force: true })
}

/**
 * Copies what the command line needs to a permanent place. An AppImage's files are in a mount that disappears when the
 * app quits, while its workers keep running and call `runboard`. The copy is made once per version, atomically.
 *
 * @returns the new paths of the program and its resources
 */
export async function copyOfRuntime(options: RuntimeCopyOptions): Promise<RuntimeCopy> {
  // In Electron an archive looks like a folder; here it must be a file. No other code is running yet that this could
  // affect.
  process.noAsar = true
  try {
    return await placeCopy(options)
  } finally {
    process.noAsar = false
  }
}

async function placeCopy(options: RuntimeCopyOptions): Promise<RuntimeCopy> {
  const parent = join(options.home, 'runtime')
  const name = `${options.version}-${await fingerprint(join(options.resources, 'app.asar'))}`
  const folder = join(parent, name)
  if (!(await isFile(join(folder, MARKER)))) {
    const temporary = `${folder}.${process.pid}.tmp`
    await copyRuntime(options, temporary)
    await rename(temporary, folder)
    await removeOld(parent, name)
  }
  return { program: join(folder, basename(options.program)), resources: join(folder, 'resources') }
}
