import { OperationError, type Profile, PROFILE_DEFAULTS, profileFields } from '../../contract/index.ts'
import type { Connection } from '../db/connection.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { parseProfile, profileOf } from '../home/config.ts'
import { PRESETS } from '../presets.ts'
import type { Services } from '../services.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { buildCommand } from '../workers/command.ts'
import { resolveExecutable } from '../workers/executable.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'

export const profileHandlersOfApp: AppHandlers<
  'profile.presets' | 'profile.show' | 'profile.add' | 'profile.set' | 'profile.remove'
> = {
  'profile.presets': () => ({ presets: [...PRESETS.values()] }),

  'profile.show': ({ services }, { name }) => ({ profile: requireProfile(services, name) }),

  'profile.add': async ({ services }, { name, preset, ...fields }) => {
    const base = preset === null ? {} : presetFields(preset)
    const whole = { ...base, ...given(fields) }
    // A variable more is no reason to lose those that make the preset work.
    if (base.env !== undefined && fields.env !== undefined) whole['env'] = { ...base.env, ...fields.env }
    checkRunnable(services, profileOf(name, whole))
    await services.config.changeProfile(name, (before) => {
      if (before !== undefined) {
        throw new OperationError(
          'CONFLICT',
          `There is a profile “${name}” already; “profiles set” changes it.`,
          { name },
        )
      }
      return whole
    })
    return { profile: requireProfile(services, name) }
  },

  'profile.set': async ({ services }, { name, fields }) => {
    requireNamed(services, name)
    const changes = given(fields)
    if (Object.keys(changes).length === 0) {
      throw new OperationError('INVALID_INPUT', 'There is nothing to set: no KEY=VALUE was given.')
    }
    await services.config.changeProfile(name, (before) => {
      const after = { ...before, ...changes }
      // A shell line takes the place of a command, and the other way round.
      if (changes['shell'] != null) after['command'] = null
      if (changes['command'] != null) after['shell'] = null
      const parsed = parseProfile(name, after)
      if ('problem' in parsed) throw unusable(name, parsed.problem)
      checkRunnable(services, parsed.profile)
      return after
    })
    await releaseEverywhere(services, name)
    return { profile: requireProfile(services, name) }
  },

  'profile.remove': async ({ services }, { name }) => {
    requireNamed(services, name)
    await services.config.changeProfile(name, () => undefined)
    return { removed: name }
  },
}

export const profileHandlersOfBoard: BoardHandlers<'profile.list' | 'profile.release'> = {
  'profile.list': ({ services, read }) => {
    const running = new Map(read.all(taskRuns.openCountByProfile, {}).map((row) => [row.profile, row.count]))
    const held = new Map(read.all(profileState.all, {}).map((row) => [row.profile, row]))
    const profiles = [...services.config.read().profiles.values()].map((profile) => {
      const hold = held.get(profile.name)
      return {
        ...profile,
        ...executableOf(services, profile),
        running: running.get(profile.name) ?? 0,
        held_since: hold?.held_since ?? null,
        held_why: hold?.held_why ?? null,
        held_until: hold?.held_until ?? null,
      }
    })
    const broken = [...services.config.read().broken].map(([name, problem]) => ({ name, problem }))
    return { profiles, broken }
  },

  'profile.release': async ({ write }, { name }) => {
    const released = await write((tx) => {
      const count = tx.run(profileState.release, { profile: name })
      if (count > 0) writeEvent(tx, 'profile_released', null, null, { profile: name })
      return count > 0
    })
    return { released, name }
  },
}

/** Only what was given: what is undefined stays as it is. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function presetFields(name: string): Partial<Profile> {
  const preset = PRESETS.get(name)
  if (preset === undefined) {
    throw new OperationError(
      'NOT_FOUND',
      `There is no preset “${name}”. There are: ${[...PRESETS.keys()].join(', ')}.`,
    )
  }
  const known = Object.keys(profileFields.shape) as (keyof typeof PROFILE_DEFAULTS)[]
  const different = known.filter(
    (key) => JSON.stringify(preset[key]) !== JSON.stringify(PROFILE_DEFAULTS[key]),
  )
  return Object.fromEntries(different.map((key) => [key, preset[key]]))
}

function unusable(name: string, problem: string): OperationError {
  return new OperationError('CONFLICT', `The profile “${name}” in config.json cannot be used: ${problem}.`, {
    name,
  })
}

/**
 * For what mends a profile, or takes it away: one that cannot be used will do.
 *
 * @throws OperationError NOT_FOUND
 */
function requireNamed(services: Services, name: string): void {
  if (!services.config.read().broken.has(name)) requireProfile(services, name)
}

/** @throws OperationError NOT_FOUND, CONFLICT for one that the file has but that cannot be used */
export function requireProfile(services: Services, name: string): Profile {
  const config = services.config.read()
  const profile = config.profiles.get(name)
  if (profile !== undefined) return profile
  const problem = config.broken.get(name)
  if (problem !== undefined) throw unusable(name, problem)
  throw new OperationError('NOT_FOUND', `There is no profile “${name}”.`, { name })
}

const SAMPLE = {
  prompt: 'prompt',
  context_file: '/context',
  task_id: 't_00000000',
  title: 'title',
  workspace: '/workspace',
  model: null,
  skills: null,
}

/**
 * A profile must say how its workers are started. A program that is not there is no error: it may be installed later, and
 * the list of profiles says so.
 *
 * @throws OperationError INVALID_INPUT
 */
function checkRunnable(_services: Services, profile: Profile): void {
  if (profile.command === null && profile.shell === null) {
    throw new OperationError('INVALID_INPUT', 'A profile needs a command, a shell line, or a preset.')
  }
  try {
    buildCommand(profile, SAMPLE)
  } catch (error) {
    throw new OperationError(
      'INVALID_INPUT',
      error instanceof Error ? error.message : String(error),
      undefined,
      {
        cause: error,
      },
    )
  }
}

export function executableOf(
  services: Services,
  profile: Profile,
): { executable: string | null; executable_error: string | null } {
  try {
    const [program = ''] = buildCommand(profile, SAMPLE)
    const path = profile.env['PATH'] ?? services.env['PATH'] ?? ''
    const found = resolveExecutable(program, { path, cwd: services.home })
    return 'path' in found
      ? { executable: found.path, executable_error: null }
      : { executable: null, executable_error: found.problem }
  } catch (error) {
    return { executable: null, executable_error: error instanceof Error ? error.message : String(error) }
  }
}

/** An edit of a profile lets it go wherever it is held: what was wrong may be mended. */
async function releaseEverywhere(services: Services, name: string): Promise<void> {
  for (const slug of services.folders.list()) {
    const connection = connectionOf(services, slug)
    if (connection === null) continue
    if (connection.read.get(profileState.of, { profile: name }) === undefined) continue
    await connection.write('dispatcher', (tx) => {
      if (tx.run(profileState.release, { profile: name }) > 0) {
        writeEvent(tx, 'profile_released', null, null, { profile: name })
      }
    })
  }
}

/** @returns null where the board cannot be opened: it holds nothing up, and whoever calls on it is told why */
function connectionOf(services: Services, slug: string): Connection | null {
  try {
    return services.board(slug).connection
  } catch (error) {
    if (error instanceof OperationError) return null
    throw error
  }
}
