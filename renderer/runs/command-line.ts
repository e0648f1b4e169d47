import type { Run } from '../../contract/index.ts'
import { takeOverCommand } from '../../formats/agents.ts'
import { shellWord } from '../../formats/shell-word.ts'

/** @returns a command as it would be typed */
export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ')
}

export interface CliLine {
  label: string
  line: string
}

/** @returns the command lines about this run */
export function cliLines(board: string, run: Run): CliLine[] {
  const line = (...words: string[]) => commandLine(['runboard', '--board', board, ...words])
  const lines: CliLine[] = [
    { label: 'Show this run', line: line('run', String(run.id)) },
    { label: 'Print its log', line: line('log', run.task_id, '--run', String(run.attempt)) },
    { label: 'List all runs of the task', line: line('runs', run.task_id) },
    { label: 'Retry the task', line: line('retry', run.task_id) },
  ]
  const takeOver = takeOverLine(run)
  if (takeOver !== null) lines.push({ label: 'Continue its session yourself', line: takeOver })
  if (run.command === null) return lines
  const at = run.workspace_path === null ? '' : `cd ${shellWord(run.workspace_path)} && `
  return [...lines, { label: 'The worker’s own command', line: at + commandLine(run.command) }]
}

/** @returns the command line by which a person continues the session of a run; null without a session */
export function takeOverLine({ agent, agent_cwd, agent_session_id }: Run): string | null {
  const command = takeOverCommand(agent, agent_session_id)
  if (command === null) return null
  const at = agent_cwd === null ? '' : `cd ${shellWord(agent_cwd)} && `
  return at + commandLine(command)
}
