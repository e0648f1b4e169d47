import { type Action, actions } from '../shared/actions.svelte.ts'
import { priorityChoices } from '../shared/ask-priority.ts'
import { hasWorkToMerge } from '../shared/merge-words.ts'
import type { TaskController } from './task-controller.svelte.ts'
import { workflowRefused } from './task-menu.ts'

/** Rarely used actions on the open task. Most have no keys; the palette lists them all. */
export function rarerActions(task: TaskController, group: string): Action[] {
  /** An action with choices opens the palette, which lists them, when the user presses its key. */
  const choose = () => actions.run('app.palette')
  const action = (
    id: string,
    label: string,
    more: Pick<Action, 'enabled' | 'choices' | 'run' | 'keys'>,
  ): Action => ({
    id: `open.${id}`,
    label,
    group,
    scope: 'drawer',
    ...more,
  })
  return [
    action('retry_with', 'Retry with a note, another profile or model…', {
      keys: ['shift+r'],
      enabled: () => task.refused('retry') === null,
      run: () => (task.retrying = true),
    }),
    action('plan', 'Plan with…', {
      enabled: () => task.task?.status === 'triage',
      choices: () =>
        task.planners.map((name) => ({ label: `Plan with ${name}`, run: () => task.plan(name) })),
      run: choose,
    }),
    action('priority', 'Set the priority…', {
      enabled: () => task.task !== null,
      choices: () =>
        task.task === null ? [] : priorityChoices(task.verbs, [task.task], `“${task.task.title}”`),
      run: choose,
    }),
    action('review', 'Review and merge its changes…', {
      keys: ['d'],
      enabled: () => task.task !== null && hasWorkToMerge(task.task),
      run: () => task.router.go({ view: 'diff', task: task.id, attempt: null, query: {} }),
    }),
    action('workflow', 'Start a workflow…', {
      enabled: () => workflowRefused(task.task) === null,
      choices: async () => {
        const { workflows } = await task.client.workflow.list({ board: task.board.slug })
        return workflows.map(({ name, title }) => ({
          label: `Start the workflow ${name}${title === null ? '' : `: ${title}`}`,
          run: () => (task.starting = name),
        }))
      },
      run: () => (task.starting = ''),
    }),
  ]
}
