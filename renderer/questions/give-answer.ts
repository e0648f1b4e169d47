import type { Client, Task } from '../../contract/index.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { GivenAnswer } from './answer-form.svelte.ts'

/**
 * Answers the question of an approve step.
 *
 * @param of the board, the task, and the visit whose question was shown: the answer applies to it only
 * @returns the task at its next step, or the failure. A toast shows the failure too, unless it names fields
 */
export async function giveAnswer(
  client: Client,
  of: { board: string; id: string; visit: number | null },
  { edit, form, item, note, verdict }: GivenAnswer,
): Promise<{ task: Task } | { failure: Failure }> {
  try {
    return await client.task.approve({
      ...of,
      verdict,
      note: note === '' ? null : note,
      ...(item === null ? {} : { metadata: { item } }),
      ...(form === null ? {} : { form: form as never }),
      ...(edit === null ? {} : { edit: edit as never }),
    })
  } catch (error) {
    const failure = asFailure(error)
    if (failure.data?.['fields'] === undefined) toasts.fail(error, 'The answer was not accepted')
    return { failure }
  }
}
