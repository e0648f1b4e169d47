import { join } from 'node:path'
import type { Profile } from '../../contract/index.ts'
import { PRESETS } from '../presets.ts'
import type { Services } from '../services.ts'
import { buildCommand } from '../workers/command.ts'
import { resolveExecutable, workerPath } from '../workers/executable.ts'
import { programOfShellLine } from '../workers/shell-program.ts'

/** Stands for the values of a task where only the program of a command is of interest. */
export const SAMPLE = {
  prompt: 'prompt',
  context_file: '/context',
  task_id: 't_00000000',
  title: 'title',
  workspace: '/workspace',
  model: null,
  skills: null,
}

/** @returns the program that a profile's workers run, and why they could not be started, in a sentence */
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

/** The shell would say only “not found”, also of a script that is there and names an interpreter that is not. */
function shellProblem({ home }: Services, line: string | null, path: string): string | null {
  const program = line === null ? null : programOfShellLine(line)
  // The command of Runboard itself is put on the PATH of each worker.
  if (program === null || program === 'runboard' || process.platform === 'win32') return null
  const found = resolveExecutable(program, { path: workerPath(join(home, 'bin'), path), cwd: home })
  return 'problem' in found
    ? found.problem.replace("the profile's command", "the profile's shell line")
    : null
}

/** What the presets had as `rate_limit_pattern` in earlier versions: words that output about other things is full of. */
const EARLIER_PATTERNS = ['rate.?limit|usage limit|hit your .*limit|too many requests|\\b429\\b|quota']

/** @returns a hint for a profile that was copied from a preset of an earlier version; it is the person's, and stays as it is */
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
 * What is right as it was given, and may not work as the person expects. Nothing is refused: a program may be installed
 * later.
 *
 * @returns the field of an answer, absent where there is nothing to say
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
