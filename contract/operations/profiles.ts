import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import {
  type Profile,
  CAPABILITIES,
  COMPLETIONS,
  DRIVERS,
  preset,
  profile,
  profileState,
  USAGE_PARSERS,
} from '../profile-rows.ts'
import { RESUME_RULES } from '../sessions.ts'
import {
  notAnOption,
  editableText,
  optionalText,
  profileName,
  requiredText,
  seconds,
  text,
  TEXT_LIMITS,
} from '../values.ts'
import { boardField, warnings } from './shared.ts'

/** How work is started: profiles, and the presets that they are based on. */

function isRegularExpression(pattern: string | null | undefined): boolean {
  if (pattern == null) return true
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

function wholeNumber(field: string, least: number, most: number) {
  const error = `${field} must be a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

const command = lazily(() =>
  z
    .array(text('an argument of command', 10_000), {
      error: 'command must be a list of texts: the program, then its arguments',
    })
    .min(1, { error: 'command needs at least the program' })
    .max(1000, { error: 'command has at most 1000 arguments' })
    .refine(([program]) => program === undefined || program.trim() !== '', {
      error: 'the program of command is blank',
    }),
)

const env = lazily(() =>
  z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), text('a variable of env', 100_000), {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'the name of a variable has letters, digits and _, and does not begin with a digit'
        : 'env must be an object: a text for the name of each variable',
  }),
)

/** A list of commands or tools that agents may use without asking. */
function rules(field: string, length: number) {
  return z
    .array(requiredText(`a rule of ${field}`, length), { error: `${field} must be a list of texts` })
    .max(500, { error: `${field} has at most 500 rules` })
    .optional()
}

export const profileFields = lazily(() =>
  z.strictObject({
    description: editableText('description', 500),
    command: command().nullable().optional(),
    shell: editableText('shell', 10_000),
    driver: z.enum(DRIVERS, { error: 'driver must be process or acp' }).optional(),
    acp_mode: editableText('acp_mode', TEXT_LIMITS.name)
      .refine(...notAnOption('acp_mode'))
      .describe('With driver acp: the mode of the agent’s session, set before the first prompt'),
    env: env().optional(),
    stdin: z.enum(['none', 'context'], { error: 'stdin must be none or context' }).optional(),
    completion: z.enum(COMPLETIONS, { error: 'completion must be explicit or exit-code' }).optional(),
    max_concurrent: wholeNumber('max_concurrent', 1, 1000).nullable().optional(),
    max_runtime_seconds: seconds().nullable().optional(),
    failure_limit: wholeNumber('failure_limit', 1, 1000).nullable().optional(),
    backoff_seconds: wholeNumber('backoff_seconds', 0, 86_400).nullable().optional(),
    model: editableText('model', TEXT_LIMITS.name).refine(...notAnOption('model')),
    rate_limit_pattern: editableText('rate_limit_pattern', 1000).refine(isRegularExpression, {
      error: 'rate_limit_pattern is not a regular expression',
    }),
    rate_limit_exit_codes: z
      .array(wholeNumber('an exit code', 1, 255), {
        error: 'rate_limit_exit_codes must be a list of exit codes',
      })
      .optional(),
    failure_pattern: editableText('failure_pattern', 1000).refine(isRegularExpression, {
      error: 'failure_pattern is not a regular expression',
    }),
    usage_parser: z
      .enum(USAGE_PARSERS, { error: `usage_parser must be one of ${USAGE_PARSERS.join(', ')}` })
      .optional(),
    capabilities: z
      .array(z.enum(CAPABILITIES, { error: `a capability must be one of ${CAPABILITIES.join(', ')}` }), {
        error: `capabilities must be a list out of ${CAPABILITIES.join(', ')}`,
      })
      .min(1, { error: 'a profile has at least one capability' })
      .optional(),
    resume: z.enum(RESUME_RULES, { error: 'resume must be auto or never' }).optional(),
    max_wait_seconds: seconds().nullable().optional(),
    allow_edits: z.boolean({ error: 'allow_edits must be true or false' }).optional(),
    allowed_commands: rules('allowed_commands', 1000),
    allowed_tools: rules('allowed_tools', 200),
  }),
)

export const PROFILE_DEFAULTS: Omit<Profile, 'name'> = {
  description: null,
  command: null,
  shell: null,
  driver: 'process',
  acp_mode: null,
  env: {},
  stdin: 'context',
  completion: 'explicit',
  max_concurrent: null,
  max_runtime_seconds: null,
  failure_limit: null,
  backoff_seconds: null,
  model: null,
  rate_limit_pattern: null,
  rate_limit_exit_codes: [75],
  failure_pattern: null,
  usage_parser: 'none',
  capabilities: ['worker'],
  resume: 'auto',
  max_wait_seconds: null,
  allow_edits: false,
  allowed_commands: [],
  allowed_tools: [],
}

const profileAnswer = lazily(() => z.object({ profile: profile(), warnings: warnings().optional() }))

const profileFlags = [
  { flag: '--driver', value: DRIVERS.join('|'), field: 'driver' },
  { flag: '--acp-mode', value: 'MODE', field: 'acp_mode' },
  { flag: '--completion', value: 'explicit|exit-code', field: 'completion' },
  { flag: '--stdin', value: 'none|context', field: 'stdin' },
  { flag: '--env', value: 'K=V', field: 'env', parse: 'pair', many: true },
  { flag: '--max-concurrent', value: 'N', field: 'max_concurrent', parse: 'int' },
  { flag: '--max-runtime', value: 'D', field: 'max_runtime_seconds', parse: 'duration' },
  {
    flag: '--max-wait',
    value: 'D',
    field: 'max_wait_seconds',
    parse: 'duration',
    help: 'how long a run may wait for answers',
  },
  {
    flag: '--allow-edits',
    field: 'allow_edits',
    parse: 'flag',
    help: 'may change files of the workspace without asking',
  },
  {
    flag: '--allow-command',
    value: 'WORDS',
    field: 'allowed_commands',
    many: true,
    whole: true,
    help: 'may run commands that begin with these words without asking; with = before them, exactly this command',
  },
  {
    flag: '--allow-tool',
    value: 'NAME',
    field: 'allowed_tools',
    many: true,
    help: 'may use this tool without asking',
  },
  { flag: '--failure-limit', value: 'N', field: 'failure_limit', parse: 'int' },
  { flag: '--backoff', value: 'D', field: 'backoff_seconds', parse: 'duration' },
  { flag: '--description', value: 'T', field: 'description' },
  { flag: '--capability', value: CAPABILITIES.join('|'), field: 'capabilities', many: true },
  { flag: '--resume', value: RESUME_RULES.join('|'), field: 'resume' },
] as const

export const profileOperations = declareOperations({
  'profile.list': {
    summary: 'List the profiles, how many workers each runs, and why any are held',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () =>
      z.object({
        profiles: z.array(profileState()),
        /** Profiles in config.json that cannot be used, and why. */
        broken: z.array(z.object({ name: z.string(), problem: z.string() })),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/profiles' },
    cli: { verb: 'profiles list', view: 'profiles' },
  },

  'profile.presets': {
    summary: 'List the ready-made profiles',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({}),
    output: () => z.object({ presets: z.array(preset()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/profiles/presets' },
    cli: { verb: 'profiles presets', view: 'presets' },
  },

  'profile.show': {
    summary: 'Show a profile',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({ name: profileName() }),
    output: profileAnswer,
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/profiles/{name}' },
    cli: { verb: 'profiles show', args: [{ name: 'NAME', field: 'name' }], view: 'profile' },
  },

  'profile.add': {
    summary: 'Add a profile: a shell line, a preset, or a command with its arguments',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        name: profileName(),
        preset: optionalText('preset', TEXT_LIMITS.name),
        ...profileFields().shape,
      }),
    output: profileAnswer,
    errors: ['CONFLICT', 'NOT_FOUND'],
    worker: 'never',
    http: { method: 'POST', path: '/profiles' },
    cli: {
      verb: 'profiles add',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [
        { flag: '--shell', value: 'LINE', field: 'shell' },
        { flag: '--preset', value: 'P', field: 'preset' },
        ...profileFlags,
      ],
      rest: 'command',
      view: 'profile',
    },
  },

  'profile.set': {
    summary: 'Change fields of a profile',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        name: profileName(),
        fields: profileFields().default({}),
        patterns_of: optionalText('patterns_of', TEXT_LIMITS.name).describe(
          'Copy the preset’s rate_limit_pattern and failure_pattern',
        ),
      }),
    output: profileAnswer,
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'PATCH', path: '/profiles/{name}' },
    cli: {
      verb: 'profiles set',
      args: [
        { name: 'NAME', field: 'name' },
        { name: 'KEY=VALUE', field: 'fields', parse: 'pair', many: true, optional: true },
      ],
      flags: [
        {
          flag: '--patterns-of',
          value: 'PRESET',
          field: 'patterns_of',
          help: 'copy the preset’s rate_limit_pattern and failure_pattern',
        },
      ],
      view: 'profile',
    },
  },

  'profile.remove': {
    summary: 'Remove a profile; its tasks stay and report that it is missing',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ name: profileName() }),
    output: () => z.object({ removed: z.string() }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'DELETE', path: '/profiles/{name}' },
    cli: { verb: 'profiles remove', args: [{ name: 'NAME', field: 'name' }], view: 'report' },
  },

  'profile.release': {
    summary: 'Release a profile that was held after a systemic failure or a rate limit',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: profileName() }),
    output: () => z.object({ released: z.boolean(), name: z.string() }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'POST', path: '/profiles/{name}/release' },
    cli: { verb: 'profiles release', args: [{ name: 'NAME', field: 'name' }], view: 'report' },
  },
} as const satisfies Record<string, OperationDeclaration>)
