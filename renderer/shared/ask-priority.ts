import { PRIORITIES, readPriority } from '../../formats/priority.ts'
import type { Choice } from './actions.svelte.ts'
import { asker } from './ask.svelte.ts'
import type { UndoSubject } from './undo.ts'
import type { VerbRunner } from './verb-runner.svelte.ts'

/**
 * @returns the priorities to choose from: those with a name, and any number
 *
 * @param text names the tasks in the question for a number
 */
export function priorityChoices(verbs: VerbRunner, tasks: readonly UndoSubject[], text: string): Choice[] {
  return [
    ...PRIORITIES.map(({ name, value }) => ({
      label: `Set the priority: ${name}`,
      run: () => verbs.prioritize(tasks, value),
    })),
    { label: 'Set the priority to a number…', run: () => askPriority(verbs, tasks, text) },
  ]
}

async function askPriority(verbs: VerbRunner, tasks: readonly UndoSubject[], text: string): Promise<void> {
  const [first] = tasks
  const isSame = first !== undefined && tasks.every(({ priority }) => priority === first.priority)
  const answer = await asker.ask({
    about: tasks.map(({ id }) => id).join(' '),
    title: 'Priority',
    text,
    field: {
      label: 'Priority',
      lines: 1,
      required: true,
      value: isSame ? String(first.priority ?? 0) : '',
      hint: 'Higher runs first.',
      check: (value) => (readPriority(value) === null ? 'Enter a whole number.' : null),
    },
    confirm: 'Set',
  })
  const priority = answer === null ? null : readPriority(answer)
  if (priority !== null) await verbs.prioritize(tasks, priority)
}
