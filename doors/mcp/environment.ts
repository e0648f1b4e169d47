import { plural } from '../../formats/count.ts'
import { OperationError } from '../../contract/index.ts'
import { WORKER_VARIABLES } from '../../kernel/index.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a client leaves in place of a variable that it could not fill in: `${NAME}`, `$NAME`, `{env:NAME}`. */
function isUnfilled(name: string, value: string): boolean {
  return [`\${${name}}`, `$${name}`, `{env:${name}}`, `%${name}%`].includes(value.trim())
}

/**
 * Clients often drop the environment, or pass the name of a variable instead of its value. A worker that is mistaken
 * for a person would write in that person's name, so it is better not to start.
 *
 * @param mustBeWorker whether the configuration says that a worker is served
 * @throws OperationError INVALID_INPUT
 */
export function checkEnvironment(env: Environment, mustBeWorker: boolean): void {
  const unfilled = WORKER_VARIABLES.filter((name) => isUnfilled(name, env[name] ?? ''))
  if (unfilled.length > 0) {
    throw new OperationError(
      'INVALID_INPUT',
      `mcp: the client passes ${unfilled.join(', ')} without a value. This configuration is for workers that Runboard starts; elsewhere use \`runboard mcp\` without variables.`,
      { variables: unfilled },
    )
  }
  if (!mustBeWorker) return
  const run = Number(env['RUNBOARD_RUN'] ?? '')
  const missing = [
    ...(Number.isSafeInteger(run) && run >= 1 ? [] : ['RUNBOARD_RUN']),
    ...(env['RUNBOARD_TASK'] ? [] : ['RUNBOARD_TASK']),
  ]
  if (missing.length === 0) return
  throw new OperationError(
    'INVALID_INPUT',
    `mcp --worker needs ${missing.join(' and ')}, which Runboard sets for its workers; the client did not pass ${plural(missing.length, 'it', 'them')} on. \`runboard mcp --print-config AGENT\` prints a configuration that does.`,
    { variables: missing },
  )
}
