import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { slug } from '../values.ts'

/**
 * Which events cause desktop notifications: every end of a run, only failures and tasks that need a person, or none.
 */
export const NOTIFY_LEVELS = ['all', 'attention', 'none'] as const
export type NotifyLevel = (typeof NOTIFY_LEVELS)[number]

/** What happens to running workers when the app quits. */
export const QUIT_POLICIES = ['ask', 'leave', 'stop'] as const
export type QuitPolicy = (typeof QUIT_POLICIES)[number]

const notify = lazily(() =>
  z.enum(NOTIFY_LEVELS, { error: `a level must be one of ${NOTIFY_LEVELS.join(', ')}` }),
)
const timeOfDay = lazily(() =>
  z
    .string({ error: 'a time of day must be text' })
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time of day must be HH:MM, from 00:00 to 23:59' }),
)
/** Updates from there are installed, so they must not be altered in transit. */
const feed = lazily(() =>
  z
    .url({ error: 'update_feed must be an https address' })
    .max(2048)
    .regex(/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)[:/])/, {
      error: 'update_feed must be an https address',
    }),
)
const yesOrNo = (name: string) => z.boolean({ error: `${name} must be true or false` })

const NAMED_KEYS =
  'enter|escape|backspace|delete|insert|home|end|pageup|pagedown|arrowup|arrowdown|arrowleft|arrowright|f[1-9]|f1[0-2]'
/** A key, by its character or its name, after its modifier keys. */
const CHORD = String.raw`(?:mod\+)?(?:alt\+)?(?:shift\+)?(?:${NAMED_KEYS}|[^\s\p{Lu}])`
const keyCombo = lazily(() =>
  z
    .string({ error: 'a key must be text' })
    .max(40)
    .regex(new RegExp(String.raw`^(?:${CHORD}|[^\s\p{Lu}] ${CHORD})$`, 'u'), {
      error: 'a key must be written as in “m”, “shift+x”, “mod+k”, “enter” or “g i”, in small letters',
    }),
)
const actionName = lazily(() =>
  z
    .string()
    .max(60)
    .regex(/^[a-z]+\.[a-z0-9_-]+$/, { error: 'an action must be named as in “board.open”' }),
)
const actionKeys = lazily(() =>
  z
    .array(keyCombo(), { error: 'the keys of an action must be a list' })
    .max(4, { error: 'an action can have 4 keys at most' }),
)

export const openerName = lazily(() =>
  z
    .string({ error: 'the name of a program must be text' })
    .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'the name of a program: use a–z, 0–9, - and _' }),
)
const openerCommand = lazily(() =>
  z
    .array(z.string().max(4096), {
      error: 'the command of a program must be a list: the program, then its arguments',
    })
    .min(1, { error: 'the command needs at least the program' })
    .max(50)
    .refine((command) => command.some((word) => /\{(?:folder|path)\}/.test(word)), {
      error: 'the command must have {folder} or {path} in an argument',
    }),
)

/** The settings of the whole app, as stored in `config.json`. */
export const appSettings = lazily(() =>
  z
    .object({
      /** The most workers at once on all boards that this process dispatches; null means the number of cores. */
      max_running: z
        .int({ error: 'max_running must be a whole number from 1 to 1000' })
        .min(1)
        .max(1000)
        .nullable(),
      /** No worker is started with less free memory than this. */
      min_free_memory_mb: z
        .int({ error: 'min_free_memory_mb must be a whole number from 0 to 1048576' })
        .min(0)
        .max(1_048_576),
      /** The level for boards that `notify_boards` does not name. */
      notify: notify(),
      notify_boards: z.record(slug(), notify()),
      /** No notifications between these times, by the local clock; null for both means no quiet hours. */
      quiet_from: timeOfDay().nullable(),
      quiet_until: timeOfDay().nullable(),
      quit_policy: z.enum(QUIT_POLICIES, { error: `quit_policy must be one of ${QUIT_POLICIES.join(', ')}` }),
      /** Whether the app stays in the tray when its last window is closed. */
      close_to_tray: yesOrNo('close_to_tray'),
      start_at_login: yesOrNo('start_at_login'),
      /** Whether workers keep the machine from going to sleep. */
      keep_awake: yesOrNo('keep_awake'),
      /** Keys of actions of the screens, by the name of the action; other actions keep their default keys. */
      keys: z.record(actionName(), actionKeys()),
      /** Programs that open the folder of a task, by name, in addition to those found: argv with {folder}, {path}, {line}. */
      open_in: z.record(openerName(), openerCommand()),
      /** Where the app checks for its own updates; null: nowhere. */
      update_feed: feed().nullable(),
    })
    .meta({ id: 'AppSettings' }),
)
export type AppSettings = z.infer<ReturnType<typeof appSettings>>

/** The values of settings that are not set. */
export const APP_SETTING_DEFAULTS: AppSettings = {
  max_running: null,
  min_free_memory_mb: 256,
  notify: 'attention',
  notify_boards: {},
  quiet_from: null,
  quiet_until: null,
  quit_policy: 'leave',
  close_to_tray: true,
  start_at_login: false,
  keep_awake: true,
  keys: {},
  open_in: {},
  update_feed: null,
}

type Shape = ReturnType<typeof appSettings>['shape']
/** What `settings set` can change, by key; null restores the default. */
const settingsInput = lazily(() =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(appSettings().shape).map(([key, type]) => [key, type.nullable().optional()]),
    ) as unknown as { [K in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[K]>> },
  ),
)

const answer = lazily(() => z.object({ settings: appSettings() }))

export const settingsOperations = declareOperations({
  'settings.show': {
    summary: 'Show the settings of the whole app',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({}),
    output: answer,
    errors: ['CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/settings' },
    cli: { verb: 'settings show', view: 'settings' },
  },
  'settings.set': {
    summary: 'Change settings of the whole app; one that is left blank returns to its default',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ settings: settingsInput() }),
    output: answer,
    errors: ['CONFLICT'],
    worker: 'never',
    http: { method: 'PATCH', path: '/settings' },
    cli: {
      verb: 'settings set',
      args: [{ name: 'KEY=VALUE', field: 'settings', parse: 'pair', many: true }],
      view: 'settings',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
