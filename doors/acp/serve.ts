import type { Caller, Kernel } from '../../kernel/index.ts'
import { type BridgeOptions, runBridge } from './bridge.ts'
import { kernelLink } from './kernel-link.ts'

export interface AcpOptions extends Omit<BridgeOptions, 'board' | 'write' | 'onFrame' | 'mcpServers'> {
  kernel: Kernel
  caller: Caller
  report: (message: string, cause: unknown) => void
}

/** If a profile’s `env` sets this variable, the log contains each message of the protocol. */
const FRAMES = 'RUNBOARD_ACP_FRAMES'

/** @returns the exit code of the bridge */
export async function serveAcp({ caller, kernel, report, ...options }: AcpOptions): Promise<number> {
  const { env, print } = options
  const claim = env['RUNBOARD_CLAIM'] ?? ''
  const hidden = (text: string) => (claim === '' ? text : text.replaceAll(claim, '…'))
  const showsFrames = (env[FRAMES] ?? '') !== ''
  return runBridge({
    ...options,
    board: kernelLink({ kernel, caller, report }),
    mcpServers: [ownServer(env)],
    write: (line) => print(JSON.stringify(line)),
    onFrame: showsFrames
      ? (direction, line) => print(`acp ${direction === 'to' ? '→' : '←'} ${hidden(line)}`)
      : undefined,
  })
}

/**
 * Our own MCP server, for `session/new`. It gets all variables of the run explicitly, because Gemini CLI and Codex do
 * not pass on their own environment.
 */
function ownServer(env: BridgeOptions['env']): Record<string, unknown> {
  const own = Object.entries(env).filter(
    ([name, value]) => name.startsWith('RUNBOARD_') && value !== undefined,
  )
  return {
    name: 'runboard',
    command: env['RUNBOARD_BIN'] ?? 'runboard',
    args: ['mcp', '--worker'],
    env: own.map(([name, value]) => ({ name, value })),
  }
}
