import { join } from 'node:path'
import { app } from 'electron'
import { inheritedEnvironment, type KernelOptions, loginShellPath, mergedPath } from '../../kernel/index.ts'
import { copyOfRuntime, type RuntimeCopy } from './runtime-copy.ts'

type Environment = NonNullable<KernelOptions['env']>

/**
 * The command by which workers call this app's command line: its program, run as Node, on the built file beside this
 * one.
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

/** Without room for a copy the app is still useful: its workers can report while it runs. */
async function copyOr(here: RuntimeCopy, home: string): Promise<RuntimeCopy> {
  try {
    return await copyOfRuntime({ home, version: app.getVersion(), ...here })
  } catch (error) {
    console.error(
      'The command for workers could not be copied; they cannot report after the app quits',
      error,
    )
    return here
  }
}

/**
 * Gives workers the PATH that the user's terminal has, by asking the login shell. An app started from a desktop icon
 * has only the session's minimal PATH; one started from a terminal has the right one already.
 *
 * @param env what workers inherit; its PATH is changed
 */
export async function takePathOfLoginShell(env: Environment): Promise<void> {
  if (!app.isPackaged || process.stdin.isTTY) return
  const path = await loginShellPath()
  if (path !== null) env['PATH'] = mergedPath(path, inheritedEnvironment(env).env['PATH'])
}
