import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { sessionPlan } from '../run-rows.ts'
import { profileName } from '../values.ts'
import { idArg, taskInput } from './shared.ts'

/** Whether the next attempt will resume a session, and whether a person may ask for that. */

export const sessionOperations = declareOperations({
  'task.session': {
    summary: 'Show whether the next attempt continues the session of an earlier one, and if not, why',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        profile: profileName().optional().describe('As if the task were assigned to this profile'),
      }),
    output: () =>
      z.object({
        /** The choice by the rules; null when there is no earlier attempt of an agent. */
        plan: sessionPlan().nullable(),
        /** The choice when a person asks to resume; null as above. */
        if_resumed: sessionPlan().nullable(),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/tasks/{id}/session' },
    cli: {
      verb: 'session',
      args: idArg,
      flags: [{ flag: '--profile', value: 'P', field: 'profile' }],
      view: 'session',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
