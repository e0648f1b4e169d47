import { basename, delimiter } from 'node:path'
import { type EnvironmentRule, TAKEN_AWAY } from './environment-rules.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What the user's processes inherit, and what was removed from it. */
export interface InheritedEnvironment {
  env: Record<string, string>
  /** Variables that were removed, by name. */
  taken: { name: string; reason: string }[]
  /** Folders that were removed from the head of the PATH. */
  taken_from_path: string[]
}

const WINDOWS = process.platform === 'win32'

/**
 * @param base the environment that this process was started with
 * @returns what a user's process inherits of it (environment-rules.ts)
 */
export function inheritedEnvironment(base: Environment): InheritedEnvironment {
  const env: Record<string, string> = {}
  const taken: InheritedEnvironment['taken'] = []
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined) continue
    const rule = TAKEN_AWAY.find((one) => appliesTo(one, name, value, base))
    if (rule === undefined) env[name] = value
    else taken.push({ name, reason: rule.reason })
  }
  restoreDesktop(env, base)
  const taken_from_path = cleanPath(env, base)
  cleanNodeOptions(env, base)
  return { env, taken, taken_from_path }
}

function appliesTo(rule: EnvironmentRule, name: string, value: string, base: Environment): boolean {
  if (!rule.names.some((pattern) => matches(pattern, name))) return false
  if (rule.values !== undefined && !rule.values.includes(value)) return false
  return rule.only_with === undefined || hasAny(base, rule.only_with)
}

function hasAny(base: Environment, patterns: readonly string[]): boolean {
  return Object.entries(base).some(
    ([name, value]) => value !== undefined && patterns.some((pattern) => matches(pattern, name)),
  )
}

/** Variable names are case-insensitive on Windows. */
function matches(pattern: string, name: string): boolean {
  const [wanted, given] = WINDOWS ? [pattern.toLowerCase(), name.toLowerCase()] : [pattern, name]
  const [head = '', tail] = wanted.split('*')
  if (tail === undefined) return given === wanted
  return given.length >= head.length + tail.length && given.startsWith(head) && given.endsWith(tail)
}

/** Electron changes this variable for its own appearance, and keeps the original value. */
function restoreDesktop(env: Record<string, string>, base: Environment): void {
  const original = base['ORIGINAL_XDG_CURRENT_DESKTOP']
  if (original !== undefined && original !== 'undefined') env['XDG_CURRENT_DESKTOP'] = original
}

/**
 * Variables that are lists of folders, to which an AppImage adds its own (AppRun of AppImage and electron-builder).
 */
const APPIMAGE_LISTS = ['LD_LIBRARY_PATH', 'XDG_DATA_DIRS', 'GSETTINGS_SCHEMA_DIR']

function cleanPath(env: Record<string, string>, base: Environment): string[] {
  const mount = base['APPDIR'] || null
  const isInMount = (folder: string) => mount !== null && folder.startsWith(mount)
  for (const name of mount === null ? [] : APPIMAGE_LISTS) {
    const kept = (env[name] ?? '').split(delimiter).filter((folder) => folder !== '' && !isInMount(folder))
    if (kept.length > 0) env[name] = kept.join(delimiter)
    else Reflect.deleteProperty(env, name)
  }
  const taken: string[] = []
  const isRunner = hasAny(base, [
    'npm_lifecycle_event',
    'npm_execpath',
    'npm_command',
    'npm_config_user_agent',
  ])
  const isHook = hasAny(base, ['GIT_EXEC_PATH', 'GIT_DIR', 'GIT_INDEX_FILE'])
  for (const name of pathNames(env)) {
    const folders = (env[name] ?? '').split(delimiter)
    // Only at the head: the person has put the same folder further back on purpose.
    const own = folders.findIndex(
      (folder) => !(isRunner && isRunners(folder, base)) && !(isHook && basename(folder) === 'git-core'),
    )
    const head = folders.slice(0, own < 0 ? folders.length : own)
    const mounted = folders.slice(head.length).filter(isInMount)
    taken.push(...head, ...mounted)
    const kept = folders.slice(head.length).filter((folder) => !isInMount(folder))
    if (kept.length > 0) env[name] = kept.join(delimiter)
    else Reflect.deleteProperty(env, name)
  }
  return taken.filter((folder) => folder !== '')
}

/** On Windows the variable may be spelt `Path`. */
export function pathNames(env: Environment): string[] {
  return Object.keys(env).filter((name) => (WINDOWS ? /^path$/i : /^PATH$/).test(name))
}

/** Whether a package runner puts such a folder on the PATH of the programs it runs. */
function isRunners(folder: string, base: Environment): boolean {
  const path = folder.replaceAll('\\', '/').replace(/\/+$/, '')
  if (/\/node_modules\/\.bin$|\/node-gyp-bin$|\/yarn--[^/]+$|\/xfs-[0-9a-f]+$/.test(path)) return true
  const berry = base['BERRY_BIN_FOLDER']?.replaceAll('\\', '/')
  return berry !== undefined && berry !== '' && path === berry
}

/**
 * Code that yarn and VS Code's debugger load into each Node process below them; the match includes the space after
 * it.
 */
const LOADED = /(?:--require|-r|--experimental-loader|--loader|--import)[ =]("[^"]*"|\S+)(?:\s+|$)/g
const FOREIGN = /\.pnp\.(c?js|loader\.mjs)"?$|js-debug\/.*bootloader[^/]*"?$|bootloader\.(bundle\.)?js"?$/

function cleanNodeOptions(env: Record<string, string>, base: Environment): void {
  const options = env['NODE_OPTIONS']
  if (options === undefined) return
  // npm passes its own setting `node-options` on; a worker's npm reads it again from its source.
  if (options === base['npm_config_node_options']) {
    delete env['NODE_OPTIONS']
    return
  }
  const kept = options.replace(LOADED, (all, path: string) => (FOREIGN.test(path) ? '' : all)).trim()
  if (kept !== '') env['NODE_OPTIONS'] = kept
  else delete env['NODE_OPTIONS']
}
