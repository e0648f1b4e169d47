import { isAbsolute, resolve } from 'node:path'
import type { StepOf } from '../../contract/workflow-file.ts'
import { expandHome } from '../home/home-path.ts'
import { fillIn, type Values } from './references.ts'

/** @returns the project folder of an item, null without one; or why it has none that can be used, as the end of a sentence */
export function projectOfItem(
  { project }: Pick<StepOf<'map'>, 'project'>,
  values: Values,
): { project: string | null } | { problem: string } {
  if (project === undefined) return { project: null }
  const { missing, text } = fillIn(project, values)
  if (missing.length > 0) return { problem: `its project “${project}” has no value` }
  const path = expandHome(text.trim())
  // Neither a folder nor a command line can have these.
  const isPath = isAbsolute(path) && !/[\0\n\r]/.test(path)
  return isPath ? { project: resolve(path) } : { problem: `“${text}” is not the absolute path of a project` }
}
