import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AppSettings,
  APP_SETTING_DEFAULTS,
  appSettings,
  OperationError,
  type Profile,
  PROFILE_DEFAULTS,
  profileFields,
  profileName,
} from '../../contract/index.ts'
import { isObject, type Json, object } from '../../formats/json.ts'
import { issueSentence } from '../issue-sentence.ts'
import { readFileIfThere, signatureOf, writeFileAtomic } from './files.ts'
import { withLockFile } from './lock-file.ts'

export interface Config {
  profiles: ReadonlyMap<string, Profile>
  /** Profiles in the file that cannot be used, with the reason. */
  broken: ReadonlyMap<string, string>
  settings: AppSettings
  /** Settings in the file that cannot be used, with the reason; their defaults apply. */
  unusable: ReadonlyMap<string, string>
}

/** `config.json` of the home: profiles and app settings. Read again whenever the file has changed. */
export class ConfigFile {
  readonly path: string
  #signature: string | null = null
  #config: Config | undefined

  constructor(home: string) {
    this.path = join(home, 'config.json')
  }

  /** Whether the file is a link: changes of what it leads to do not show in its folder. */
  isLink(): boolean {
    return lstatSync(this.path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  }

  /** @throws OperationError CONFLICT when the file is invalid; it is left unchanged */
  read(): Config {
    const signature = signatureOf(this.path)
    if (this.#config === undefined || signature !== this.#signature) {
      this.#config = parseConfig(this.#json())
      this.#signature = signature
    }
    return this.#config
  }

  /**
   * Like `read`, for callers that can work without the file: if it cannot be read there are no profiles, and the
   * settings are the defaults.
   *
   * @returns `problem` then says what is wrong with the file
   */
  readOrDefaults(): Config & { problem: string | null } {
    try {
      return { ...this.read(), problem: null }
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
      return { ...parseConfig({}), problem: error.message }
    }
  }

  /**
   * Changes one profile under the lock file: read, change, rename. Keys that this version does not know are kept.
   *
   * @param change gets the fields from the file, undefined for a missing profile; returns the new ones, or undefined
   *   to remove it
   */
  async changeProfile(name: string, change: (fields: Json | undefined) => Json | undefined): Promise<void> {
    await this.#change((json) => {
      const { [name]: present, ...others } = object(json['profiles'])
      const after = change(present === undefined ? undefined : object(present))
      return { ...json, profiles: after === undefined ? others : { ...others, [name]: after } }
    })
  }

  /** Changes app settings, like `changeProfile`. `change` gets the settings from the file, unknown keys included. */
  async changeSettings(change: (settings: Json) => Json): Promise<void> {
    await this.#change((json) => ({ ...json, settings: change(object(json['settings'])) }))
  }

  async #change(change: (json: Json) => Json): Promise<void> {
    await withLockFile(`${this.path}.lock`, () => {
      writeFileAtomic(this.path, `${JSON.stringify(change(this.#json()), null, 2)}\n`)
    })
    this.#config = undefined
  }

  #json(): Json {
    let text: string | null
    try {
      text = readFileIfThere(this.path)
    } catch (error) {
      throw this.#unreadable(error instanceof Error ? error.message : String(error), error)
    }
    if (text === null) return {}
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch (error) {
      throw this.#unreadable(text.trim() === '' ? 'it is empty' : 'it is not valid JSON', error)
    }
    if (!isObject(json)) throw this.#unreadable('it does not hold a JSON object', undefined)
    for (const key of ['profiles', 'settings']) {
      if (json[key] !== undefined && !isObject(json[key]))
        throw this.#unreadable(`its “${key}” is not an object`, undefined)
    }
    return json
  }

  #unreadable(why: string, cause: unknown): OperationError {
    return new OperationError(
      'CONFLICT',
      `${this.path} cannot be read: ${why}. It was not changed. Fix it, or move it away and add the profiles again.`,
      { path: this.path },
      { cause },
    )
  }
}

function parseConfig(json: Json): Config {
  const profiles = new Map<string, Profile>()
  const broken = new Map<string, string>()
  for (const [name, value] of Object.entries(object(json['profiles']))) {
    if (profileName().safeParse(name).data !== name) {
      broken.set(name, 'its name cannot be an assignee: a-z, 0-9, _ and - only')
      continue
    }
    const parsed = parseProfile(name, object(value))
    if ('profile' in parsed) profiles.set(name, parsed.profile)
    else broken.set(name, parsed.problem)
  }
  return { profiles, broken, ...settingsOf(object(json['settings'])) }
}

/**
 * @param fields as in config.json; keys that this version does not know are ignored
 * @returns the profile, or why it cannot be used
 */
export function parseProfile(name: string, fields: Json): { profile: Profile } | { problem: string } {
  const parsed = parseFields(name, fields)
  if ('problem' in parsed) return parsed
  const problem = driverProblem(parsed.profile)
  return problem === null ? parsed : { problem }
}

/** Like `parseProfile`, but without `driverProblem`: the caller makes that check itself. */
export function parseFields(name: string, fields: Json): { profile: Profile } | { problem: string } {
  const known = Object.keys(profileFields().shape)
  const parsed = profileFields().safeParse(
    Object.fromEntries(Object.entries(fields).filter(([key]) => known.includes(key))),
  )
  if (parsed.success) return { profile: profileOf(name, parsed.data) }
  return { problem: parsed.error.issues.map(issueSentence).join('; ') }
}

/** @returns why the fields of a profile do not fit its driver, as a sentence without a full stop; null when they do */
export function driverProblem({ acp_mode, completion, driver, shell, stdin }: Profile): string | null {
  if (driver === 'process') return acp_mode === null ? null : 'acp_mode is for driver=acp only'
  if (shell !== null)
    return 'driver=acp needs a command, not a shell line: the agent’s program with its arguments'
  if (completion !== 'explicit')
    return 'driver=acp needs completion=explicit: an agent’s turn ends in the same way whether the task is done or not'
  return stdin === 'context' ? null : 'driver=acp needs stdin=context: the bridge reads its prompt there'
}

/** An invalid setting counts as not set: work continues, and the screen shows the value in force. */
function settingsOf(json: Json): Pick<Config, 'settings' | 'unusable'> {
  if (Object.keys(json).length === 0) return { settings: APP_SETTING_DEFAULTS, unusable: new Map() }
  const usable: [string, unknown][] = []
  const unusable = new Map<string, string>()
  for (const [key, type] of Object.entries(appSettings().shape)) {
    if (json[key] === undefined) continue
    const parsed = type.safeParse(json[key])
    if (parsed.success) usable.push([key, parsed.data])
    else unusable.set(key, parsed.error.issues.map(issueSentence).join('; '))
  }
  return { settings: { ...APP_SETTING_DEFAULTS, ...Object.fromEntries(usable) }, unusable }
}

/** @returns a complete profile from the given fields */
export function profileOf(name: string, fields: Json): Profile {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  const profile: Profile = { name, ...PROFILE_DEFAULTS, ...given }
  // The bridge writes the log of such a worker, whatever its agent is.
  return profile.driver === 'acp' ? { ...profile, usage_parser: 'acp-json' } : profile
}
