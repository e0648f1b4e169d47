import { join } from 'node:path'
import { app } from 'electron'
import { inheritedEnvironment, loginShellPath, mergedPath } from '../../kernel/index.ts'
import type { KernelOptions } from '../../kernel/index.ts'
import { copyOfRuntime } from './runtime-copy.ts'
import type { RuntimeCopy } from './runtime-copy.ts'

type Environment = NonNullable<KernelOptions['env']>

/**
 * How workers call this app's own command line: its program, run as Node, on the built file beside this one.
 *
 * @param home RUNBOARD_HOME
 */
export async function ownCommand(home: string): Promise<NonNullable<KernelOptions['cli']>> {
  const isInMount = app.isPackaged && process.env['APPIMAGE'] !== undefined
  if (!isInMount) return { path: join(__dirname, 'cli.cjs'), runtime: process.execPath, electron: true }
  const here = { program: process.execPath, resources: process.resourcesPath }
  const { program, resources } = await copyOr(here, home)
  return { path: join(resources, 'app.asar/out/main/cli.cjs'), runtime: program, electron: true }
}

/** Without room for a copy the app is still of use: its workers can report for as long as it runs. */
async function copyOr(here: RuntimeCopy, home: string): Promise<RuntimeCopy> {
  try {
    return await copyOfRuntime({ home, version: app.getVersion(), ...here })
  } catch (cause) {
    console.error('What workers call could not be copied; they cannot report once the app has quit', cause)
    return here
  }
}

/**
 * An app started from a desktop icon has the bare PATH of the session. Workers are to find what their user's terminal
 * finds, so the login shell is asked. One started from a terminal has that PATH already.
 *
 * @param env what workers inherit; its PATH is changed
 */
export async function takePathOfLoginShell(env: Environment): Promise<void> {
  if (!app.isPackaged || process.stdin.isTTY) return
  const path = await loginShellPath()
  if (path !== null) env['PATH'] = mergedPath(path, inheritedEnvironment(env).env['PATH'])
}
