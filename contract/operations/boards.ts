import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { board, wouldRunAnswer } from '../board-rows.ts'
import { MERGE_METHODS } from '../states.ts'
import {
  editableText,
  isWorkspace,
  optionalText,
  requiredText,
  seconds,
  slug,
  TEXT_LIMITS,
} from '../values.ts'
import { boardField } from './shared.ts'

const look = lazily(() => ({
  name: optionalText('name', TEXT_LIMITS.name),
  icon: optionalText('icon', 16),
  color: optionalText('color', 32),
}))

const projectDir = lazily(() =>
  optionalText('project_dir', 4096).describe('Absolute path of the folder that the board works on'),
)

const boardAnswer = lazily(() => z.object({ board: board() }))

/** The settings in board.json. Each has a schema of its own, because reading a board needs those of the given ones only. */
export const boardSettingsFields = {
  name: lazily(() => requiredText('name', TEXT_LIMITS.name).optional()),
  icon: lazily(() => editableText('icon', 16)),
  color: lazily(() => editableText('color', 32)),
  project_dir: lazily(() => editableText('project_dir', 4096)),
  max_running: lazily(() =>
    z
      .int({ error: 'max_running must be a whole number from 1 to 1000' })
      .min(1)
      .max(1000)
      .nullable()
      .optional(),
  ),
  failure_limit: lazily(() =>
    z
      .int({ error: 'failure_limit must be a whole number from 1 to 1000' })
      .min(1)
      .max(1000)
      .nullable()
      .optional(),
  ),
  stale_after_seconds: lazily(() => seconds().nullable().optional()),
  max_waiting: lazily(() =>
    z
      .int({ error: 'max_waiting must be a whole number from 0 to 1000' })
      .min(0)
      .max(1000)
      .nullable()
      .optional(),
  ),
  default_workspace: lazily(() =>
    editableText('default_workspace', 4096).refine((value) => value == null || isWorkspace(value), {
      error: 'default_workspace must be scratch, dir:PATH, worktree, worktree:PATH or parent',
    }),
  ),
  accept_plans: lazily(() => z.boolean({ error: 'accept_plans must be true or false' }).optional()),
  merge_method: lazily(() =>
    z.enum(MERGE_METHODS, { error: 'merge_method must be merge or squash' }).optional(),
  ),
  wait_for_merge: lazily(() => z.boolean({ error: 'wait_for_merge must be true or false' }).optional()),
}

export const boardSettingsInput = lazily(() =>
  z.strictObject({
    name: boardSettingsFields.name(),
    icon: boardSettingsFields.icon(),
    color: boardSettingsFields.color(),
    project_dir: boardSettingsFields.project_dir(),
    max_running: boardSettingsFields.max_running(),
    failure_limit: boardSettingsFields.failure_limit(),
    stale_after_seconds: boardSettingsFields.stale_after_seconds(),
    max_waiting: boardSettingsFields.max_waiting(),
    default_workspace: boardSettingsFields.default_workspace(),
    accept_plans: boardSettingsFields.accept_plans(),
    merge_method: boardSettingsFields.merge_method(),
    wait_for_merge: boardSettingsFields.wait_for_merge(),
  }),
)

export const boardOperations = declareOperations({
  'board.init': {
    summary: 'Create a board, tied to a project folder if one is given, and switch to it',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug().optional(), name: look().name, project_dir: projectDir() }),
    output: boardAnswer,
    errors: ['CONFLICT'],
    worker: 'planner',
    cli: {
      verb: 'init',
      flags: [
        { flag: '--name', value: 'N', field: 'name' },
        { flag: '--project', value: 'DIR', field: 'project_dir', parse: 'path' },
      ],
      view: 'board',
    },
  },

  'board.list': {
    summary: 'List the boards',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({ archived: z.boolean().default(false) }),
    output: () => z.object({ boards: z.array(board()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/boards' },
    cli: {
      verb: 'boards list',
      flags: [{ flag: '--archived', field: 'archived', parse: 'flag', help: 'those in the archive instead' }],
      view: 'boards',
    },
  },

  'board.create': {
    summary: 'Create a board',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        slug: slug(),
        ...look(),
        project_dir: projectDir(),
        switch: z.boolean().default(false),
      }),
    output: boardAnswer,
    errors: ['CONFLICT'],
    worker: 'planner',
    http: { method: 'POST', path: '/boards' },
    cli: {
      verb: 'boards create',
      args: [{ name: 'SLUG', field: 'slug' }],
      flags: [
        { flag: '--name', value: 'N', field: 'name' },
        { flag: '--icon', value: 'I', field: 'icon' },
        { flag: '--color', value: 'C', field: 'color' },
        { flag: '--project', value: 'DIR', field: 'project_dir', parse: 'path' },
        { flag: '--switch', field: 'switch', parse: 'flag' },
      ],
      view: 'board',
    },
  },

  'board.switch': {
    summary: 'Make a board the current one',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug() }),
    output: boardAnswer,
    errors: ['NOT_FOUND'],
    worker: 'planner',
    http: { method: 'POST', path: '/boards/{slug}/switch' },
    cli: { verb: 'boards switch', args: [{ name: 'SLUG', field: 'slug' }], view: 'board' },
  },

  'board.show': {
    summary: 'Show the board in use here, with its settings and counts',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: boardAnswer,
    errors: ['NOT_FOUND'],
    worker: 'any',
    cli: { verb: 'boards show', view: 'board' },
  },

  'board.rename': {
    summary: 'Rename a board; its slug stays the same',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug(), name: requiredText('name', TEXT_LIMITS.name) }),
    output: boardAnswer,
    errors: ['NOT_FOUND'],
    worker: 'planner',
    http: { method: 'POST', path: '/boards/{slug}/rename' },
    cli: {
      verb: 'boards rename',
      args: [
        { name: 'SLUG', field: 'slug' },
        { name: 'NAME', field: 'name' },
      ],
      view: 'board',
    },
  },

  'board.set': {
    summary: 'Change settings of a board',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug(), settings: boardSettingsInput() }),
    output: boardAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'PATCH', path: '/boards/{slug}' },
    cli: {
      verb: 'boards set',
      args: [
        { name: 'SLUG', field: 'slug' },
        { name: 'KEY=VALUE', field: 'settings', parse: 'pair', many: true, optional: true },
      ],
      flags: [
        {
          flag: '--project',
          value: 'DIR',
          field: 'settings',
          key: 'project_dir',
          parse: 'path',
          help: 'the same as project_dir=DIR',
        },
      ],
      view: 'board',
    },
  },

  'board.archive': {
    summary: 'Archive a board, with everything in it; “runboard boards restore” restores it',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug() }),
    output: () => z.object({ archived: z.string(), path: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'planner',
    http: { method: 'POST', path: '/boards/{slug}/archive' },
    cli: { verb: 'boards archive', args: [{ name: 'SLUG', field: 'slug' }], view: 'report' },
  },

  'board.restore': {
    summary: 'Restore a board from the archive, with everything in it',
    kind: 'write',
    scope: 'app',
    input: () =>
      z.strictObject({
        name: requiredText('name', 100).describe('Its slug, or the name that it has in the archive'),
        slug: slug().optional().describe('Its new slug; default: the one it had'),
      }),
    output: boardAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/boards/restore' },
    cli: {
      verb: 'boards restore',
      args: [{ name: 'SLUG', field: 'name' }],
      flags: [
        {
          flag: '--as',
          value: 'SLUG',
          field: 'slug',
          help: 'its new slug, if the old one is taken',
        },
      ],
      view: 'board',
    },
  },

  'board.commands': {
    summary: 'List the commands, folders and profiles that tasks of the board use',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ board: z.string(), unaccepted: z.boolean(), ...wouldRunAnswer() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/board/commands' },
    cli: { verb: 'boards commands', view: 'report' },
  },

  'board.accept': {
    summary: 'Accept what a board from a file would run, and resume it',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug() }),
    output: () => z.object({ board: z.string(), accepted: z.boolean(), ...wouldRunAnswer() }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'POST', path: '/boards/{slug}/accept' },
    cli: { verb: 'boards accept', args: [{ name: 'SLUG', field: 'slug' }], view: 'report' },
  },

  'board.delete': {
    summary: 'Delete a board with everything in it',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug() }),
    output: () => z.object({ deleted: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'DELETE', path: '/boards/{slug}' },
    cli: { verb: 'boards delete', args: [{ name: 'SLUG', field: 'slug' }], view: 'report', confirm: true },
  },
} as const satisfies Record<string, OperationDeclaration>)
