import { OperationError } from '../../contract/index.ts'
import { acceptPlan } from '../lifecycle/plan.ts'
import { refuseVerb, requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { presentTask } from '../board/present.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { insertNewTask } from '../lifecycle/create-task.ts'

export const planHandlers = {
  'task.plan': async (context, { id, profile }) => {
    refuseWithoutCapability(context, profile)
    return context.write((tx) => {
      const task = requireTask(tx, id)
      if (task.status !== 'triage') throw refuseVerb(task, 'planned')
      const planner = insertNewTask(tx, {
        title: `Plan: ${task.title}`,
        body: instructions(task.id, task.body),
        assignee: profile,
        priority: task.priority,
        tenant: task.tenant,
        plan_of: task.id,
      })
      writeEvent(tx, 'created', planner.id, null, { status: planner.status, assignee: profile, plan_of: id })
      return { task: presentTask(task), planner: presentTask(planner) }
    })
  },

  'task.accept_plan': async ({ write }, { id, commands }) => {
    const { task, released } = await write((tx) => acceptPlan(tx, id, commands))
    return { task: presentTask(task), released }
  },
} satisfies Partial<BoardHandlers>

function refuseWithoutCapability({ services }: BoardContext, name: string): void {
  const profile = services.config.read().profiles.get(name)
  if (profile?.capabilities.includes('planner') === true) return
  const problem = profile === undefined ? 'does not exist' : 'has no planner capability'
  throw new OperationError(
    'CONFLICT',
    `The profile “${name}” ${problem}. “runboard profiles set ${name} capabilities=worker,planner” lets it plan.`,
    { profile: name },
  )
}

function instructions(id: string, body: string | null): string {
  return [
    `Break task ${id} into tasks that workers can do one by one. Create each with \`runboard create TITLE --body … --assignee PROFILE\`,`,
    'with `--parent ID` for those that must wait for others. They take over tenant and priority, and wait until a person',
    'accepts the plan. Then complete this task: its summary says why you cut it like this.',
    '',
    'What is to be planned:',
    '',
    body ?? '(no description)',
  ].join('\n')
}
