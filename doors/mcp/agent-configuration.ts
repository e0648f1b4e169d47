import { WORKER_VARIABLES } from '../../kernel/index.ts'

/** The command by which an agent starts the server. */
export interface ServerCommand {
  program: string
  args: readonly string[]
  /** Set in addition to the variables that are passed on. */
  env: Readonly<Record<string, string>>
}

interface Agent {
  /** The file that the configuration belongs in. */
  file: string
  write(command: ServerCommand): string
}

const WORKER_ARGS = ['mcp', '--worker']

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

/** Each variable as a reference in the agent's own syntax, so that no secret is written to a file. */
function byName(write: (name: string) => string, env: ServerCommand['env']): Record<string, string> {
  return { ...Object.fromEntries(WORKER_VARIABLES.map((name) => [name, write(name)])), ...env }
}

/**
 * TOML and JSON write these strings alike. Sources, as of November 2026: docs.claude.com/docs/claude-code/mcp,
 * developers.openai.com/codex/mcp, geminicli.com/docs/tools/mcp-server, opencode.ai/docs/mcp-servers.
 */
const AGENTS: Readonly<Record<string, Agent>> = {
  'claude-code': {
    file: '.mcp.json in the project, or a file given with --mcp-config',
    write: ({ program, args, env }) =>
      json({
        mcpServers: {
          runboard: {
            command: program,
            args: [...args, ...WORKER_ARGS],
            env: byName((name) => `\${${name}}`, env),
          },
        },
      }),
  },
  codex: {
    file: '~/.codex/config.toml',
    write: ({ program, args, env }) =>
      [
        '[mcp_servers.runboard]',
        `command = ${JSON.stringify(program)}`,
        `args = ${JSON.stringify([...args, ...WORKER_ARGS])}`,
        `env_vars = ${JSON.stringify(WORKER_VARIABLES)}`,
        // Without it `codex exec` cancels each call of a tool that writes, because there is nobody to ask.
        'default_tools_approval_mode = "approve"',
        ...Object.entries(env).map(([name, value]) => `env = { ${name} = ${JSON.stringify(value)} }`),
        '',
      ].join('\n'),
  },
  gemini: {
    file: '.gemini/settings.json in the project, or ~/.gemini/settings.json',
    write: ({ program, args, env }) =>
      json({
        mcpServers: {
          runboard: {
            command: program,
            args: [...args, ...WORKER_ARGS],
            env: byName((name) => `$${name}`, env),
          },
        },
      }),
  },
  opencode: {
    file: 'opencode.json in the project, or ~/.config/opencode/opencode.json',
    write: ({ program, args, env }) =>
      json({
        $schema: 'https://opencode.ai/config.json',
        mcp: {
          runboard: {
            type: 'local',
            command: [program, ...args, ...WORKER_ARGS],
            enabled: true,
            environment: byName((name) => `{env:${name}}`, env),
          },
        },
      }),
  },
}

/** The agents that a configuration can be printed for. */
export const AGENT_NAMES: readonly string[] = Object.keys(AGENTS)

export interface AgentConfiguration {
  agent: string
  /** Where the configuration goes, in words. */
  file: string
  content: string
}

/** @returns the configuration that lets workers of that agent reach the board, or null for an unknown agent */
export function agentConfiguration(agent: string, command: ServerCommand): AgentConfiguration | null {
  const known = Object.hasOwn(AGENTS, agent) ? AGENTS[agent] : undefined
  return known === undefined ? null : { agent, file: known.file, content: known.write(command) }
}
