import { existsSync, realpathSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { workspaceOwner } from '../board/gates.ts'
import { type Opener, openerArgv, openersHere } from '../workers/spawn/openers.ts'
import { requireTask } from '../lifecycle/transition.ts'
import type { Services } from '../services.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { resolveExecutable } from '../workers/environment/executable.ts'
import { openProgram } from '../workers/spawn/open-program.ts'
import type { AppHandlers, BoardContext, BoardHandlers } from './handler.ts'

export const openerHandlersOfApp = {
  'opener.list': ({ services }) => ({
    openers: openersOf(services).map(({ command, file_command, kind, name, title }) => ({
      ...{ name, title, kind, command: [...command] },
      opens_files: file_command !== null,
    })),
  }),
} satisfies Partial<AppHandlers>

export const openerHandlersOfBoard = {
  'task.open_in': async (context, { id, opener: wanted, file, line }) => {
    const task = requireTask(context.read, id)
    const folder = folderOf(context, task)
    const path = file === null ? null : fileIn(folder, file)
    const opener = chosenOpener(openersOf(context.services), wanted, path !== null)
    const argv = openerArgv(opener, { folder, path, line })
    const [program = '', ...args] = argv
    const found = resolveExecutable(program, search(context.services))
    if ('problem' in found)
      throw new OperationError('CONFLICT', `${opener.title} cannot be started. ${found.problem}`)
    const command = [found.path, ...args]
    const problem = await openProgram(command, folder)
    if (problem !== null)
      throw new OperationError('CONFLICT', `${opener.title} did not open ${path ?? folder}: ${problem}.`, {
        command,
      })
    return { opener: opener.name, path: path ?? folder, command }
  },
} satisfies Partial<BoardHandlers>

export function openersOf(services: Services): Opener[] {
  return openersHere(services.config.read().settings.open_in, search(services))
}

export function search({ env, home }: Services): { path: string; cwd: string } {
  return { path: env['PATH'] ?? '', cwd: home }
}

/** @throws OperationError CONFLICT before a task has a folder, or when the folder was removed */
function folderOf({ read }: BoardContext, task: TaskRow): string {
  const owner = read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const folder = owner.workspace_path
  if (folder !== null && existsSync(folder)) return realpathSync(folder)
  throw new OperationError(
    'CONFLICT',
    folder === null
      ? `Task ${task.id} has no folder yet: it is made when its first worker starts.`
      : `The folder of task ${task.id} is gone: ${folder}.`,
    { id: task.id },
  )
}

/** @throws OperationError INVALID_INPUT for a path out of the folder, CONFLICT for a file that does not exist */
function fileIn(folder: string, file: string): string {
  const path = resolve(folder, file)
  if (!existsSync(path))
    throw new OperationError('CONFLICT', `There is no file ${file} in ${folder}.`, { file })
  const real = realpathSync(path)
  const inside = relative(folder, real)
  if (inside === '..' || inside.startsWith(`..${sep}`) || join(folder, inside) !== real)
    throw new OperationError('INVALID_INPUT', `The file ${file} is not in the folder of the task.`, { file })
  return real
}

function chosenOpener(openers: readonly Opener[], wanted: string | undefined, isFile: boolean): Opener {
  const fits = openers.filter(({ file_command }) => !isFile || file_command !== null)
  const found = wanted === undefined ? fits[0] : fits.find(({ name }) => name === wanted)
  if (found !== undefined) return found
  const names = fits.map(({ name }) => name).join(', ') || 'none'
  const what = isFile ? 'opens files' : 'opens folders'
  throw new OperationError(
    'CONFLICT',
    wanted === undefined
      ? `No program that ${what} was found. Name one: runboard settings set 'open_in={"NAME":["PROGRAM","{path}"]}'.`
      : `There is no program “${wanted}” that ${what}; there are: ${names}.`,
    { openers: fits.map(({ name }) => name) },
  )
}
