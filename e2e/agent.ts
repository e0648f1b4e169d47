import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Home, root } from './home.ts'

const FAKE_AGENT = join(root, 'doors/acp/testing/fake-agent.ts')

/**
 * Adds a profile whose agent, behind the bridge, passes for Codex and follows a scenario (doors/acp/testing/scenario.ts).
 *
 * @returns reads what the agent has recorded
 */
export async function addAgent(home: Home, profile: string, scenario: object): Promise<() => string> {
  const [script, record] = [join(home.path, `${profile}.json`), join(home.path, `${profile}.record`)]
  home.write(`${profile}.json`, JSON.stringify({ name: 'codex-acp', ...scenario }))
  const words = [process.execPath, FAKE_AGENT, script, record]
  home.addProgram('codex-acp', `#!/bin/sh\nexec '${words.join("' '")}'\n`)
  await home.cli('profiles', 'add', profile, '--driver', 'acp', '--', 'codex-acp')
  return () => readFileSync(record, 'utf8')
}

/** The agent asks whether it may run a command. */
export const asksToRun = (command: string) => ({
  request: 'session/request_permission',
  params: {
    toolCall: { toolCallId: 'call', title: command, kind: 'execute', rawInput: { command } },
    options: [
      { optionId: 'yes', kind: 'allow_once', name: 'Yes' },
      { optionId: 'no', kind: 'reject_once', name: 'No' },
    ],
  },
})
