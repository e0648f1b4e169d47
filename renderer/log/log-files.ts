import type { Client } from '../../contract/index.ts'
import { openPlace } from '../shared/open-place.ts'
import type { LogFiles } from './links.ts'

/**
 * @param root the folder of the work; null if there is none
 * @returns how the places that a log names are found in that folder, and opened in the person's editor
 */
export function logFiles(
  client: Client,
  task: { board: string; id: string },
  root: string | null,
): LogFiles | null {
  return root === null ? null : { root, open: (place) => openPlace(client, task, place) }
}
