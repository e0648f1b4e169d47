import { accessSync, constants } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { AgentConfiguration, ServerCommand } from '../../mcp/agent-configuration.ts'
import type { Call } from '../call.ts'
import type { Io } from '../io.ts'
import type { Session } from '../session.ts'
import { usageError } from '../usage.ts'
import { VERSION } from '../version.ts'

/**
 * `mcp`: the MCP door, until the client closes standard input; or, with `--print-config`, the configuration that starts
 * it.
 */
export async function mcp({ session, given }: Call): Promise<number> {
  const { agent, worker } = given.input as { agent?: string; worker?: true }
  if (agent !== undefined) return printConfiguration(session, agent)
  const { io } = session
  const { checkEnvironment } = await import('../../mcp/environment.ts')
  checkEnvironment(io.env, worker === true)
  const door = await import('../../mcp/serve.ts')
  await door.serveMcp(await session.kernel(), {
    caller: { ...(await session.caller()), trigger: 'mcp' },
    stdin: io.stdin,
    stdout: io.stdout,
    version: VERSION,
    signal: session.signal,
    now: () => session.now(),
    report: (message, cause) => {
      void session.note(cause instanceof Error ? `${message}: ${cause.message}` : message)
    },
  })
  return 0
}

async function printConfiguration(session: Session, agent: string): Promise<number> {
  const { AGENT_NAMES, agentConfiguration } = await import('../../mcp/agent-configuration.ts')
  const made: AgentConfiguration | null = agentConfiguration(agent, ownCommand(session.io))
  if (made === null) {
    throw usageError(
      `--print-config: no configuration for “${agent}”. Use one of: ${AGENT_NAMES.join(', ')}.`,
    )
  }
  if (session.json) await session.outJson(made)
  else {
    await session.out(made.content)
    await session.note(`this goes into ${made.file}. It serves workers that Runboard has started.`)
  }
  return 0
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return process.platform !== 'win32'
  } catch {
    // Not executable: the configuration then names the program that runs it.
    return false
  }
}

/** The command that starts this program from anywhere, with absolute paths. */
function ownCommand({ env, cli }: Io): ServerCommand {
  const told = env['RUNBOARD_BIN']
  if (told !== undefined && isAbsolute(told)) return { program: told, args: [], env: {} }
  if (cli === undefined) return { program: 'runboard', args: [], env: {} }
  if (!cli.electron && isExecutable(cli.path)) return { program: cli.path, args: [], env: {} }
  return {
    program: cli.runtime,
    args: [cli.path],
    env: cli.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {},
  }
}
