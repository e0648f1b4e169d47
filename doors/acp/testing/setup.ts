import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Run } from '../../../contract/index.ts'
import type { AcpLine } from '../../../formats/acp-lines.ts'
import { setupWorkers, type WorkerSetup } from '../../../kernel/testing/workers.ts'
import type { Scenario } from './scenario.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The CLI, run from its sources. The board starts the bridge with it, and agents report with it. */
const CLI = { path: file('../../cli/main.ts'), runtime: process.execPath, electron: false }
const FAKE_AGENT = file('fake-agent.ts')

type ProfileFields = Parameters<WorkerSetup['profile']>[2]

export interface BridgeSetup extends WorkerSetup {
  /** The fake agent's command for a scenario. Several agents of one test need different names. */
  agent: (scenario: Scenario, name?: string) => string[]
  /** Adds a profile whose agent follows the scenario. */
  bridged: (profile: string, scenario: Scenario, fields?: ProfileFields) => Promise<void>
  /** What the agent has got and done so far, oldest first. */
  record: (name?: string) => Record<string, any>[] // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for
  /** The lines of the bridge in the log of a run. */
  lines: (run: Run) => AcpLine[]
  /** The whole log of a run. */
  log: (run: Run) => string
}

/** A board whose profiles start the real bridge, with a fake agent behind it. */
export async function setupBridge(): Promise<BridgeSetup> {
  const bundle = await setupWorkers({ cli: CLI })
  const { call, path } = bundle
  const agent = (scenario: Scenario, name = 'agent') => {
    writeFileSync(path(`${name}.json`), JSON.stringify(scenario))
    return [process.execPath, FAKE_AGENT, path(`${name}.json`), path(`${name}.record`)]
  }
  const read = (at: string) => (existsSync(at) ? readFileSync(at, 'utf8') : '')
  const log = (run: Run) => read(run.log_path ?? '')
  return {
    ...bundle,
    agent,
    bridged: async (profile, scenario, fields = {}) => {
      const command = agent(scenario, profile)
      const once = { backoff_seconds: 0, failure_limit: 1, max_runtime_seconds: 120 }
      await call('profile.add', { name: profile, command, driver: 'acp', ...once, ...fields })
    },
    record: (name = 'agent') =>
      read(path(`${name}.record`))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    log,
    lines: (run) =>
      log(run)
        .split('\n')
        .filter((line) => line.startsWith('{"acp":'))
        .map((line) => JSON.parse(line) as AcpLine),
  }
}
