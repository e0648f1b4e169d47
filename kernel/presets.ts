import { type Profile, PROFILE_DEFAULTS } from '../contract/index.ts'

function preset(name: string, fields: Partial<Profile>): [string, Profile] {
  return [name, { name, ...PROFILE_DEFAULTS, ...fields }]
}

/** Ready-made profiles, by name. `profiles add NAME --preset P` copies one. */
export const PRESETS: ReadonlyMap<string, Profile> = new Map([
  preset('shell', {
    description: 'A line for the shell; it is done when the line ends well',
    shell: 'cat "$RUNBOARD_CONTEXT_FILE"',
    stdin: 'none',
    completion: 'exit-code',
  }),
])
