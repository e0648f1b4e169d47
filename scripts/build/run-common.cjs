'use strict'
// Beside the file of common modules (one-file.ts), which it runs. For the command line it keeps what V8 has compiled of that
// file, one copy for each verb: it then holds the functions that the verb uses, and no others.
const {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs')
const { basename, dirname, isAbsolute, join } = require('node:path')
const { Script } = require('node:vm')

const FILE = join(__dirname, '%FILE%')
/** Changes with the file: V8 itself compares only its length. */
const DIGEST = '%DIGEST%'
const DAY_MS = 86_400_000

/** A folder of this user, wherever the command is called. In another one, others could put code that then runs. */
function cacheFolder() {
  const { env, platform } = process
  const given = (platform === 'win32' ? env.LOCALAPPDATA : env.XDG_CACHE_HOME) ?? ''
  const home = require('node:os').homedir()
  const folder = isAbsolute(given) ? given : platform === 'win32' ? home : join(home, '.cache')
  return join(folder, 'runboard', 'compile')
}

/** The app itself runs nothing from a folder in which other programs of its user can write. */
const isCommandLine = ['cli.cjs', 'runboard.cjs'].includes(basename(require.main?.filename ?? ''))

/** @returns the file of the verb that is typed */
function keptFile(folder) {
  const [, , first = '', ...others] = process.argv
  const isHelp = others.some((word) => word === '--help' || word === '-h')
  const verb = isHelp ? 'help' : /^[a-z][a-z-]*$/.test(first) ? first : 'other'
  return join(folder, `${DIGEST}-${process.arch}-${process.versions.v8}`, verb)
}

/** Before the compiled code: the number of modules that had run. At a multiple of 8, V8 reads the rest in place. */
const HEADER = 8

/** @returns undefined if there is none yet */
function read(path) {
  try {
    const bytes = readFileSync(path)
    return { modules: bytes.readUInt32LE(), code: bytes.subarray(HEADER) }
  } catch {
    return undefined
  }
}

/** Whole or not at all. */
function keep(path, modules, code) {
  const header = Buffer.alloc(HEADER)
  header.writeUInt32LE(modules)
  const folder = dirname(path)
  const temporary = `${path}.${process.pid}`
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) removeOld(dirname(folder))
  try {
    writeFileSync(temporary, Buffer.concat([header, code]), { mode: 0o600, flush: true })
    renameSync(temporary, path)
  } catch {
    rmSync(temporary, { force: true })
  }
}

/** What other versions of Runboard have left. */
function removeOld(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (Date.now() - statSync(path).mtimeMs > 60 * DAY_MS) rmSync(path, { recursive: true, force: true })
  }
}

const folder = isCommandLine ? cacheFolder() : null
// For the other files of the build. Electron 25 does not have it.
if (folder !== null) require('node:module').enableCompileCache?.(folder)
const path = folder === null ? null : keptFile(folder)
const kept = path === null ? undefined : read(path)
const script = new Script(readFileSync(FILE, 'latin1'), { filename: FILE, cachedData: kept?.code })
const ran = script.runInThisContext()(module, require, FILE, __dirname)

/** At the end, when what was used has been compiled. A command that failed has not used all that it may. */
function keepCompiled(code) {
  const modules = ran()
  const isKept = script.cachedDataRejected === false && modules <= kept.modules
  if (code !== 0 || isKept) return
  try {
    keep(path, modules, script.createCachedData())
  } catch {
    // The next start takes longer, and that is all: an error here would change the exit code of a command that succeeded.
  }
}

if (path !== null) process.once('exit', keepCompiled)
