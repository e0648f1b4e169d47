import type { Client } from '../../contract/index.ts'
import { toasts } from './toasts.svelte.ts'

/** Opens a place in a file of a task's folder in the person's editor. Shows an error if that fails. */
export async function openPlace(
  client: Client,
  task: { board: string; id: string },
  place: { file: string; line: number },
): Promise<void> {
  try {
    await client.task.open_in({ ...task, ...place })
  } catch (error) {
    toasts.fail(error, 'It was not opened')
  }
}
