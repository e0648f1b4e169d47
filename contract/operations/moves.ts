import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { errorBody, task, taskStatus } from '../rows.ts'
import { optionalText, taskId, TEXT_LIMITS, timestamp } from '../values.ts'
import { boardField, handoff, idArg, manyArg, note, taskAnswer, taskInput, warnings } from './shared.ts'

/** How a person moves a task: holds, schedules, promotes, reopens or archives it, one or several at once. */

export const RANK_PLACES = ['first', 'last', 'none'] as const

export const moveOperations = declareOperations({
  'task.hold': {
    summary: 'Park a task until a person releases it; on a running one it parks the next attempt',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), reason: optionalText('reason', TEXT_LIMITS.note) }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/hold' },
    cli: { verb: 'hold', args: manyArg, view: 'task' },
    bulk: 'hold',
  },
  'task.release': {
    summary: 'Release a held task',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'UNAUTHORIZED'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/release' },
    cli: { verb: 'release', args: manyArg, view: 'task' },
    bulk: 'release',
  },
  'task.schedule': {
    summary: 'Keep a task from running before a time',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        not_before_at: timestamp().nullable().describe('null clears the time'),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/schedule' },
    cli: {
      verb: 'schedule',
      args: idArg,
      flags: [{ flag: '--not-before', value: 'WHEN', field: 'not_before_at', parse: 'when' }],
      view: 'task',
    },
    bulk: 'schedule',
  },
  'task.rank': {
    summary: 'Choose the place of a task among those of its column and priority',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        before: taskId().optional().describe('The task to place it before'),
        after: taskId().optional().describe('The task to place it after'),
        place: z.enum(RANK_PLACES).optional().describe('none: back to the order by time'),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/rank' },
    cli: {
      verb: 'rank',
      args: idArg,
      flags: [
        { flag: '--before', value: 'ID', field: 'before' },
        { flag: '--after', value: 'ID', field: 'after' },
        { flag: '--place', value: RANK_PLACES.join('|'), field: 'place' },
      ],
      view: 'task',
    },
  },
  'task.promote': {
    summary: 'Move a task out of triage: to todo, or to ready when nothing blocks it',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/promote' },
    cli: { verb: 'promote', args: idArg, view: 'task' },
    bulk: 'promote',
  },
  'task.reopen': {
    summary: 'Reopen a done task, with a note for the next attempt',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), note: note() }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/reopen' },
    cli: {
      verb: 'reopen',
      args: manyArg,
      flags: [
        { flag: '--note', value: 'N', field: 'note' },
        { flag: '--note-file', value: 'F|-', field: 'note', parse: 'file' },
      ],
      view: 'task',
    },
    bulk: 'reopen',
  },
  'task.move': {
    summary: 'Move a task to a status, by the verb that leads there',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        status: taskStatus(),
        note: note().describe('The reason, answer, or note that the verb takes'),
        ...handoff(),
      }),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT', 'STALE_RUN', 'UNAUTHORIZED'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/move' },
    cli: {
      verb: 'move',
      args: [
        { name: 'ID', field: 'id' },
        { name: 'STATUS', field: 'status' },
      ],
      flags: [
        { flag: '--note', value: 'N', field: 'note' },
        { flag: '--note-file', value: 'F|-', field: 'note', parse: 'file' },
      ],
      view: 'task',
    },
    bulk: 'move',
  },
  'task.archive': {
    summary: 'Take a task off the board; a running one is stopped first',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'made',
    http: { method: 'POST', path: '/tasks/{id}/archive' },
    cli: { verb: 'archive', args: manyArg, view: 'task' },
    bulk: 'archive',
  },
  'task.restore': {
    summary: 'Bring an archived task back to where it was',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject(taskInput()),
    output: taskAnswer,
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/{id}/restore' },
    cli: { verb: 'restore', args: idArg, view: 'task' },
    bulk: 'restore',
  },
  'task.bulk': {
    summary: 'Apply one verb to several tasks; each succeeds or fails on its own',
    kind: 'write',
    scope: 'board',
    input: () =>
      z
        .object({
          ...boardField(),
          ids: z
            .array(taskId(), { error: 'ids must be a list of task ids' })
            .min(1, { error: 'ids is empty' })
            .max(10_000),
          verb: z
            .string({ error: 'verb is missing' })
            .describe('A verb as in the CLI; its own fields go beside it'),
        })
        .catchall(z.json()),
    output: () =>
      z.object({
        warnings: warnings().optional(),
        results: z.array(
          z.union([
            z.object({ id: z.string(), task: task().nullable() }),
            errorBody().extend({ id: z.string() }),
          ]),
        ),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'POST', path: '/tasks/bulk' },
  },
} as const satisfies Record<string, OperationDeclaration>)
