/** Settings of the session that the bridge opens. null: the agent decides. */
export interface BridgeOptions {
  mode: string | null
  model: string | null
  /** The id of the session to resume. */
  resume: string | null
}

/**
 * The command of a worker whose agent speaks the Agent Client Protocol: the bridge (doors/acp), which starts the agent.
 *
 * @param bin absolute path of the `runboard` command
 * @param agent the agent's own command, its program as an absolute path
 */
export function bridgeCommand(bin: string, agent: readonly string[], options: BridgeOptions): string[] {
  const flag = (name: string, value: string | null) => (value === null ? [] : [name, value])
  const { mode, model, resume } = options
  const flags = [...flag('--mode', mode), ...flag('--model', model), ...flag('--resume', resume)]
  return [bin, 'acp', ...flags, '--', ...agent]
}

/**
 * Whether the process of a run is the bridge. It gets SIGTERM before the processes of its agent do.
 *
 * @param run its command as JSON
 */
export function isBridge({ command }: { command: string | null }): boolean {
  const words = JSON.parse(command ?? '[]') as string[]
  return words[1] === 'acp' && words.includes('--')
}
