import { statSync } from 'node:fs'
import { join } from 'node:path'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { refuseNetworkFileSystem } from '../db/file-system.ts'
import type { Services } from '../services.ts'
import { examineBoard } from './doctor-board.ts'
import { gitFinding } from './doctor-git.ts'

export type Check = OperationOutput<'doctor.run'>['checks'][number]
export type Finding = Pick<Check, 'ok' | 'sentence'>

export const fine = (sentence: string): Finding => ({ ok: true, sentence })
export const wrong = (sentence: string): Finding => ({ ok: false, sentence })

/** `3 tasks`, `1 task`. */
export function amount(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`
}

/** Runs one check; what it throws is its finding. */
export async function examine(
  name: string,
  board: string | null,
  body: () => Finding | Promise<Finding>,
): Promise<Check> {
  try {
    return { name, board, ...(await body()) }
  } catch (error) {
    return { name, board, ...wrong(error instanceof Error ? error.message : String(error)) }
  }
}

/**
 * Looks at the home and its boards. Changes nothing but what opening a board changes.
 *
 * @param slug the only board to look at; undefined takes all
 * @throws OperationError NOT_FOUND
 */
export async function runDoctor(
  services: Services,
  slug: string | undefined,
): Promise<OperationOutput<'doctor.run'>> {
  if (slug !== undefined && !services.folders.exists(slug)) {
    throw new OperationError('NOT_FOUND', `There is no board “${slug}”.`, { board: slug })
  }
  const checks: Check[] = [
    await examine('home', null, () => homeFinding(services)),
    await examine('config', null, () => configFinding(services)),
    await examine('boards', null, () => boardsFinding(services)),
    await examine('git', null, () => gitFinding(services)),
  ]
  for (const board of slug === undefined ? services.folders.list() : [slug]) {
    checks.push(...(await examineBoard(services, board)))
  }
  return { ok: checks.every((check) => check.ok), checks }
}

/** Whether others than its user can reach a path. Windows keeps that elsewhere, and says 0o666 of everything. */
export function isOpenToOthers(path: string): boolean {
  const stat = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && (stat.mode & 0o077) !== 0
}

function homeFinding({ home }: Services): Finding {
  refuseNetworkFileSystem(home)
  if (isOpenToOthers(home))
    return wrong(`Others on this machine can look into ${home}. “chmod 700 ${home}” shuts them out.`)
  return fine(`${home} lies on a local file system and is open to its user alone.`)
}

function configFinding({ config }: Services): Finding {
  const { broken, profiles } = config.read()
  const [first] = broken
  if (first !== undefined)
    return wrong(`The profile “${first[0]}” in ${config.path} cannot be used: ${first[1]}.`)
  if (isOpenToOthers(config.path))
    return wrong(`Others on this machine can read ${config.path}. “chmod 600 ${config.path}” shuts them out.`)
  return fine(`${config.path} is in order, with ${amount(profiles.size, 'profile')}.`)
}

function boardsFinding({ folders, home }: Services): Finding {
  const slugs = folders.list()
  const current = folders.current()
  const lost = folders.chosenInVain()
  if (lost !== null)
    return wrong(
      `${join(home, 'current')} names “${lost.slice(0, 100)}”, which is no board. “runboard boards switch SLUG” chooses one.`,
    )
  const said = `${amount(slugs.length, 'board')} in ${join(home, 'boards')}; the current one is ${current ?? 'not set'}`
  return fine(`${said}.`)
}
