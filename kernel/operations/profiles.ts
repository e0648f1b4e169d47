import { OperationError, type Profile, PROFILE_DEFAULTS, profileFields } from '../../contract/index.ts'
import type { Connection } from '../db/connection.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { driverProblem, parseFields, profileOf } from '../home/config.ts'
import { PRESETS } from '../home/presets.ts'
import type { Services } from '../services.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { buildCommand } from '../workers/spawn/command.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'
import { executableOf, profileWarnings, SAMPLE } from './profile-warnings.ts'

export const profileHandlersOfApp = {
  'profile.presets': ({ services }) => ({
    presets: [...PRESETS.values()].map((preset) => ({ ...preset, ...executableOf(services, preset) })),
  }),

  'profile.show': ({ services }, { name }) => profileAnswer(services, name),

  'profile.add': async ({ services }, { name, preset, ...fields }) => {
    const base = preset === null ? {} : presetFields(preset)
    const whole = { ...base, ...given(fields) }
    // An additional variable must not drop those that the preset needs.
    if (base.env !== undefined && fields.env !== undefined) whole['env'] = { ...base.env, ...fields.env }
    checkRunnable(profileOf(name, whole))
    await services.config.changeProfile(name, (before) => {
      if (before !== undefined) {
        throw new OperationError(
          'CONFLICT',
          `Profile “${name}” already exists; “runboard profiles set” changes it.`,
          {
            name,
          },
        )
      }
      return whole
    })
    return profileAnswer(services, name)
  },

  'profile.set': async ({ services }, { name, fields, patterns_of }) => {
    requireNamed(services, name)
    const patterns = patterns_of === null ? {} : patternsOf(patterns_of)
    const changes: Record<string, unknown> = { ...patterns, ...given(fields) }
    if (Object.keys(changes).length === 0) {
      throw new OperationError('INVALID_INPUT', 'Nothing to set: pass KEY=VALUE, or --patterns-of PRESET.')
    }
    await services.config.changeProfile(name, (before) => {
      const after = { ...before, ...changes }
      // A shell line replaces a command, and vice versa.
      if (changes['shell'] != null) after['command'] = null
      if (changes['command'] != null) after['shell'] = null
      const parsed = parseFields(name, after)
      if ('problem' in parsed) throw unusable(name, parsed.problem)
      checkRunnable(parsed.profile)
      return after
    })
    await releaseEverywhere(services, name)
    return profileAnswer(services, name)
  },

  'profile.remove': async ({ services }, { name }) => {
    requireNamed(services, name)
    await services.config.changeProfile(name, () => undefined)
    return { removed: name }
  },
} satisfies Partial<AppHandlers>

export const profileHandlersOfBoard = {
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
} satisfies Partial<BoardHandlers>

function profileAnswer(services: Services, name: string): { profile: Profile; warnings?: string[] } {
  const profile = requireProfile(services, name)
  return { profile, ...profileWarnings(services, profile) }
}

/** The patterns with which a preset searches the output. */
function patternsOf(name: string): Pick<Profile, 'rate_limit_pattern' | 'failure_pattern'> {
  const { rate_limit_pattern, failure_pattern } = requirePreset(name)
  return { rate_limit_pattern, failure_pattern }
}

/** The fields that were given: undefined ones stay unchanged. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function requirePreset(name: string): Profile {
  const preset = PRESETS.get(name)
  if (preset !== undefined) return preset
  const known = [...PRESETS.keys()].join(', ')
  throw new OperationError('NOT_FOUND', `Preset “${name}” not found. Presets: ${known}.`)
}

function presetFields(name: string): Partial<Profile> {
  const preset = requirePreset(name)
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
 * For operations that repair or remove a profile: an unusable one is enough.
 *
 * @throws OperationError NOT_FOUND
 */
function requireNamed(services: Pick<Services, 'config'>, name: string): void {
  if (!services.config.read().broken.has(name)) requireProfile(services, name)
}

/** @throws OperationError NOT_FOUND, CONFLICT for a profile in the file that cannot be used */
export function requireProfile(services: Pick<Services, 'config'>, name: string): Profile {
  const config = services.config.read()
  const profile = config.profiles.get(name)
  if (profile !== undefined) return profile
  const problem = config.broken.get(name)
  if (problem !== undefined) throw unusable(name, problem)
  throw new OperationError('NOT_FOUND', `Profile “${name}” not found.`, { name })
}

/**
 * A profile must say how its workers are started. A missing program is not an error: it may be installed later, and
 * the list of profiles shows it.
 *
 * @throws OperationError INVALID_INPUT
 */
function checkRunnable(profile: Profile): void {
  if (profile.command === null && profile.shell === null) {
    throw new OperationError('INVALID_INPUT', 'A profile needs a command, a shell line, or a preset.')
  }
  const problem = driverProblem(profile)
  if (problem !== null) throw new OperationError('INVALID_INPUT', `${problem}.`)
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

/** An edit of a profile releases it on every board that holds it: the cause may be fixed. */
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

/** @returns null if the board cannot be opened. It holds no profile then, and its own operations report the error. */
function connectionOf(services: Services, slug: string): Connection | null {
  try {
    return services.board(slug).connection
  } catch (error) {
    if (error instanceof OperationError) return null
    throw error
  }
}
