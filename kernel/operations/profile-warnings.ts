import { join } from 'node:path'
import type { Profile } from '../../contract/index.ts'
import { PRESETS } from '../home/presets.ts'
import type { Services } from '../services.ts'
import { buildCommand } from '../workers/spawn/command.ts'
import { resolveExecutable, workerPath } from '../workers/environment/executable.ts'
import { programOfShellLine } from '../workers/environment/shell-program.ts'

/** Sample values of a task, used where only the program of a command matters. */
export const SAMPLE = {
  prompt: 'prompt',
  context_file: '/context',
  task_id: 't_00000000',
  title: 'title',
  workspace: '/workspace',
  model: null,
  skills: null,
}

/** @returns the program that a profile's workers run, and a sentence that says why it could not be started, if so */
export function executableOf(
  services: Services,
  profile: Profile,
): { executable: string | null; executable_error: string | null } {
  try {
    const [program = ''] = buildCommand(profile, SAMPLE)
    const path = profile.env['PATH'] ?? services.env['PATH'] ?? ''
    const found = resolveExecutable(program, { path, cwd: services.home })
    if ('problem' in found) return { executable: null, executable_error: found.problem }
    return { executable: found.path, executable_error: shellProblem(services, profile.shell, path) }
  } catch (error) {
    return { executable: null, executable_error: error instanceof Error ? error.message : String(error) }
  }
}

/** The shell would only say “not found”, even for an existing script whose interpreter is missing. */
function shellProblem({ home }: Services, line: string | null, path: string): string | null {
  const program = line === null ? null : programOfShellLine(line)
  // Runboard's own command is put on the PATH of each worker.
  if (program === null || program === 'runboard' || process.platform === 'win32') return null
  const found = resolveExecutable(program, { path: workerPath(join(home, 'bin'), path), cwd: home })
  return 'problem' in found
    ? found.problem.replace('the profile’s command', 'the profile’s shell line')
    : null
}

/** The `rate_limit_pattern` of the presets in earlier versions. Its words are common in output about other things. */
const EARLIER_PATTERNS = ['rate.?limit|usage limit|hit your .*limit|too many requests|\\b429\\b|quota']

/**
 * @returns a hint for a profile copied from a preset of an earlier version; the profile belongs to the user and is
 *   not changed
 */
function earlierPattern(profile: Profile): string | null {
  const { name, rate_limit_pattern } = profile
  if (rate_limit_pattern === null || !EARLIER_PATTERNS.includes(rate_limit_pattern)) return null
  const program = profile.command?.[0]
  const preset = [...PRESETS.values()].find(
    ({ command }) => program !== undefined && command?.[0] === program,
  )
  const remedy =
    preset === undefined
      ? `“runboard profiles set ${name} rate_limit_pattern=” takes it away`
      : `“runboard profiles set ${name} --patterns-of ${preset.name}” takes the patterns that the preset has now`
  return `The rate_limit_pattern of profile ${name} is that of an earlier version, which takes other words for a rate limit: ${remedy}.`
}

/**
 * Warns of values that are valid but may not work as the user expects. Nothing is refused: a program may be installed
 * later.
 *
 * @returns the field of an answer; absent when there is nothing to say
 */
export function profileWarnings(services: Services, profile: Profile): { warnings?: string[] } {
  const { executable_error } = executableOf(services, profile)
  const start =
    executable_error === null
      ? null
      : `Workers of profile ${profile.name} cannot start yet: ${executable_error}`
  const warnings = [start, earlierPattern(profile)].filter((warning) => warning !== null)
  return warnings.length === 0 ? {} : { warnings }
}
