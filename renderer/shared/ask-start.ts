import { asker } from './ask.svelte.ts'
import type { VerbRunner } from './verb-runner.svelte.ts'
import type { UndoSubject } from './undo.ts'
import { parseWhen } from './when.ts'

/**
 * Asks for the earliest start of these tasks, and sets it.
 *
 * @param text what the question is about
 */
export async function askStart(
  verbs: VerbRunner,
  tasks: readonly UndoSubject[],
  text: string,
): Promise<void> {
  const answer = await asker.ask({
    about: tasks.map(({ id }) => id).join(' '),
    title: 'Start time',
    text,
    field: {
      label: 'Not before',
      lines: 1,
      placeholder: '+2h or 2026-12-24T08:00',
      hint: 'Leave it empty to let it start at any time.',
      check: (value) =>
        value === '' || parseWhen(value, Date.now()) !== null
          ? null
          : 'Give a date and time (2026-12-24T08:00), or +2h for two hours from now.',
    },
    confirm: 'Set',
  })
  if (answer !== null) await verbs.schedule(tasks, answer === '' ? null : parseWhen(answer, Date.now()))
}
