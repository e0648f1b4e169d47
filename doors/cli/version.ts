import packageJson from '../../package.json' with { type: 'json' }

/** The version of Runboard, as `--version` prints it. */
export const VERSION: string = packageJson.version
