import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { optionalText, requiredText, slug } from '../values.ts'
import { boardField } from './shared.ts'

/** What keeps boards safe and small: backups, checks, and the removal of what is no longer needed. */

const path = (field: string) => requiredText(field, 4096)

export const BACKUP_REASONS = ['daily', 'migration', 'restore', 'hand'] as const

const backup = lazily(() =>
  z.object({
    path: z.string(),
    size_bytes: z.int(),
    made_at: z.int(),
    reason: z.enum(BACKUP_REASONS),
  }),
)

export const doctorCheck = lazily(() =>
  z.object({
    name: z.string(),
    /** The board that was checked; null for a check of the home. */
    board: z.string().nullable(),
    ok: z.boolean(),
    sentence: z.string(),
  }),
)

export const gcReport = lazily(() =>
  z.object({
    dry_run: z.boolean(),
    events_removed: z.int(),
    logs: z.array(z.object({ task_id: z.string(), path: z.string(), size_bytes: z.int() })),
    workspaces: z.array(
      z.object({
        task_id: z.string(),
        path: z.string(),
        /** Where it was moved; null when it stays, and in a dry run. */
        moved_to: z.string().nullable(),
        kept: z.string().nullable(),
      }),
    ),
    leftovers: z.array(z.string()),
    /** Folders that have been in the trash for long. They are only listed: a person deletes them. */
    trash: z.array(z.object({ path: z.string(), age_days: z.int() })),
  }),
)

export const upkeepOperations = declareOperations({
  'backup.create': {
    summary: 'Write a checked copy of the board',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        out: optionalText('out', 4096).describe(
          'A new file; if not given, one in the board’s folder of backups',
        ),
      }),
    output: () =>
      z.object({
        path: z.string(),
        size_bytes: z.int(),
        made_at: z.int(),
        tasks: z.int(),
        runs: z.int(),
        events: z.int(),
      }),
    errors: ['CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/backups' },
    cli: {
      verb: 'backup',
      flags: [{ flag: '--out', value: 'F', field: 'out', parse: 'path' }],
      view: 'report',
    },
  },
  'backup.list': {
    summary: 'List the backups of the board, newest first',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject(boardField()),
    output: () => z.object({ backups: z.array(backup()) }),
    errors: [],
    worker: 'never',
    http: { method: 'GET', path: '/backups' },
  },
  'backup.restore': {
    summary: 'Restore the board from a backup; the current state is kept beside it',
    kind: 'write',
    scope: 'app',
    input: () => z.strictObject({ slug: slug().optional(), path: path('path') }),
    output: () =>
      z.object({
        board: z.string(),
        restored: z.string(),
        /** Where the previous board file is kept; null when there was none. */
        set_aside: z.string().nullable(),
        tasks: z.int(),
        runs: z.int(),
        events: z.int(),
        /** The file is not a backup of this board. The board is paused until a person accepts what it would run. */
        unaccepted: z.boolean(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT', 'BOARD_TOO_NEW'],
    worker: 'never',
    http: { method: 'POST', path: '/backups/restore' },
    cli: {
      verb: 'restore-backup',
      args: [{ name: 'FILE', field: 'path', parse: 'path' }],
      view: 'report',
    },
  },
  'doctor.run': {
    summary: 'Check the home and every board, or the one named; changes nothing',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({ slug: slug().optional() }),
    output: () => z.object({ ok: z.boolean(), checks: z.array(doctorCheck()) }),
    errors: ['NOT_FOUND'],
    worker: 'never',
    http: { method: 'GET', path: '/doctor' },
    cli: { verb: 'doctor', view: 'doctor' },
  },
  'gc.run': {
    summary:
      'Clean up after finished tasks: remove old events and logs, move their scratch folders to the trash',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        dry_run: z.boolean().default(false).describe('List what would be removed, and change nothing'),
      }),
    output: gcReport,
    errors: [],
    worker: 'never',
    http: { method: 'POST', path: '/gc' },
    cli: {
      verb: 'gc',
      flags: [{ flag: '--dry-run', field: 'dry_run', parse: 'flag' }],
      view: 'gc',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
