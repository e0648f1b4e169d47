import { z } from 'zod'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { task } from '../rows.ts'
import { profileName } from '../values.ts'
import { taskAnswer, taskInput } from './shared.ts'

/** How an idea becomes tasks: a planner run proposes them, a person accepts. */
export const planOperations = declareOperations({
  'task.plan': {
    summary: 'Have a planner break a triage task into tasks, which then wait for your acceptance',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...taskInput(), profile: profileName() }),
    output: () => z.object({ task: task(), planner: task() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'planner',
    http: { method: 'POST', path: '/tasks/{id}/plan' },
    cli: {
      verb: 'plan',
      args: [{ name: 'ID', field: 'id' }],
      flags: [{ flag: '--profile', value: 'P', field: 'profile' }],
      view: 'task',
    },
  },
  'task.accept_plan': {
    summary: 'Let the planned tasks of a triage task run; that task is then blocked by all of them',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...taskInput(),
        commands: z
          .boolean()
          .default(false)
          .describe(
            'Also accept the checks and folders that the plan proposes; without it, the call fails and names them',
          ),
      }),
    output: () => taskAnswer().extend({ released: z.array(z.string()) }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/tasks/{id}/accept-plan' },
    cli: {
      verb: 'accept-plan',
      args: [{ name: 'ID', field: 'id' }],
      flags: [
        {
          flag: '--commands',
          field: 'commands',
          parse: 'flag',
          help: 'Also accept the checks and folders that the plan proposes',
        },
      ],
      view: 'task',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
