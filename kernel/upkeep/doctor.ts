import { join } from 'node:path'
import { count } from '../../formats/count.ts'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { refuseNetworkFileSystem } from '../db/file-system.ts'
import type { Services } from '../services.ts'
import { type BoardCheckServices, examineBoard } from './doctor-board.ts'
import { gitFinding } from './doctor-git.ts'
import { type Check, examine, fine, type Finding, isOpenToOthers, wrong } from './doctor-finding.ts'

/**
 * Examines the home and its boards. Changes nothing except what opening a board changes.
 *
 * @param slug the only board to examine; undefined for all
 * @throws OperationError NOT_FOUND
 */
export async function runDoctor(
  services: BoardCheckServices & Pick<Services, 'config' | 'home'>,
  slug: string | undefined,
): Promise<OperationOutput<'doctor.run'>> {
  if (slug !== undefined && !services.folders.exists(slug)) {
    throw new OperationError('NOT_FOUND', `Board “${slug}” not found.`, { board: slug })
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

function homeFinding({ home }: Pick<Services, 'home'>): Finding {
  refuseNetworkFileSystem(home)
  if (isOpenToOthers(home))
    return wrong(`Others on this machine can look into ${home}. “chmod 700 ${home}” shuts them out.`)
  return fine(`${home} lies on a local file system and is open to its user alone.`)
}

function configFinding({ config }: Pick<Services, 'config'>): Finding {
  const { broken, profiles, unusable } = config.read()
  const [first] = broken
  if (first !== undefined)
    return wrong(`The profile “${first[0]}” in ${config.path} cannot be used: ${first[1]}.`)
  const [setting] = unusable
  if (setting !== undefined)
    return wrong(
      `The setting “${setting[0]}” in ${config.path} cannot be used, so its default applies: ${setting[1]}.`,
    )
  if (isOpenToOthers(config.path))
    return wrong(`Others on this machine can read ${config.path}. “chmod 600 ${config.path}” shuts them out.`)
  return fine(`${config.path} is in order, with ${count(profiles.size, 'profile')}.`)
}

function boardsFinding({ folders, home }: Pick<Services, 'folders' | 'home'>): Finding {
  const slugs = folders.list()
  const current = folders.current()
  const lost = folders.chosenInVain()
  if (lost !== null)
    return wrong(
      `${join(home, 'current')} names “${lost.slice(0, 100)}”, which is not a board. “runboard boards switch SLUG” chooses one.`,
    )
  const said = `${count(slugs.length, 'board')} in ${join(home, 'boards')}; the current one is ${current ?? 'not set'}`
  return fine(`${said}.`)
}
