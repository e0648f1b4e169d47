import { PROFILE_DEFAULTS, type Profile } from '../../contract/index.ts'
import { CHECK_PROFILE, MERGE_PROFILE } from '../../contract/workflow-kinds.ts'
import type { Config } from './config.ts'

/** How many checks, and how many merges, run at once on a board. They do not count as workers. */
const POOL = 2

const own = (name: string, does: string): [string, Profile] => [
  name,
  {
    ...PROFILE_DEFAULTS,
    name,
    description: does,
    stdin: 'none',
    completion: 'exit-code',
    max_concurrent: POOL,
    rate_limit_exit_codes: [],
  },
]

/** The profiles that Runboard itself provides. A configuration cannot have profiles of these names. */
export const OWN_PROFILES: ReadonlyMap<string, Profile> = new Map([
  own(CHECK_PROFILE, 'Runs the command of a check step'),
  own(MERGE_PROFILE, 'Merges the work of a card'),
])

/** @returns the profile of that name, including Runboard’s own */
export function profileNamed(config: Pick<Config, 'profiles'>, name: string | null): Profile | undefined {
  return name === null ? undefined : (OWN_PROFILES.get(name) ?? config.profiles.get(name))
}
