import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Profile } from '../../../contract/index.ts'
import { AGENTS, type AgentName } from '../../../formats/agents.ts'
import { PRESETS } from '../../home/presets.ts'
import type { SetupOptions } from '../setup.ts'
import { setupWorkers, type WorkerSetup } from '../workers.ts'
import { writeProgram } from '../worker-setup.ts'

const SCRIPT = fileURLToPath(new URL('fake-agent.mjs', import.meta.url))

/** The behaviour of a fake agent at one start; fake-agent.mjs explains each. */
export type Doing = 'ok' | 'fail' | 'login' | 'full' | 'offline' | 'hang' | 'silent'

/** One start of a fake agent, as the agent recorded it. */
export interface Call {
  name: string
  args: string[]
  id: string
  resumed: string | null
}

export interface AgentSetup extends WorkerSetup {
  /** Adds the preset of an agent as a profile, with a program that acts like the agent. */
  agent: (name: AgentName, profile: string, fields?: Partial<Omit<Profile, 'name'>>) => Promise<void>
  /** Sets the behaviour of the next starts; later starts are `ok`. */
  willDo: (...doing: Doing[]) => void
  calls: () => Call[]
  /** The prompts of the session of a call, oldest first. */
  promptsOf: (call: Call | undefined) => string[]
  /** Deletes all sessions, as when an agent is reinstalled. */
  forget: () => void
}

/** A board whose profiles are the presets of agents, with programs that act like them. */
export async function setupAgents(options: SetupOptions = {}): Promise<AgentSetup> {
  const bundle = await setupWorkers(options)
  const { path } = bundle
  const bin = path('bin')
  mkdirSync(bin)
  for (const name of Object.values(AGENTS).map(({ program }) => program))
    writeProgram(`${bin}/${name}`, `#!/bin/sh\nexec '${process.execPath}' '${SCRIPT}' ${name} "$@"\n`)
  let sessions = 0
  const folder = () => path(`sessions-${sessions}`)
  const link = path('sessions')
  const variables = {
    FAKE_SESSIONS: link,
    FAKE_PLAN: path('plan'),
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  }
  const begin = () => {
    mkdirSync(folder())
    symlinkSync(folder(), `${link}`)
  }
  begin()
  const calls = () => {
    const file = path('calls-kept')
    const now = `${link}/calls`
    const text =
      (existsSync(file) ? readFileSync(file, 'utf8') : '') +
      (existsSync(now) ? readFileSync(now, 'utf8') : '')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Call)
  }
  return {
    ...bundle,
    agent: async (name, profile, fields = {}) => {
      const preset = PRESETS.get(name)
      await bundle.call('profile.add', {
        name: profile,
        preset: name,
        completion: 'exit-code',
        backoff_seconds: 0,
        ...fields,
        env: { ...preset?.env, ...variables, ...fields.env },
      })
    },
    willDo: (...doing) => writeFileSync(path('plan'), doing.join('\n')),
    calls,
    promptsOf: (call) =>
      call === undefined
        ? []
        : (JSON.parse(readFileSync(`${link}/${call.name}-${call.id}.json`, 'utf8')) as { prompts: string[] })
            .prompts,
    forget: () => {
      // Kept for `calls`.
      writeFileSync(path('calls-kept'), existsSync(`${link}/calls`) ? readFileSync(`${link}/calls`) : '')
      sessions++
      rmSync(link)
      begin()
    },
  }
}
