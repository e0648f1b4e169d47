import { waitsForAnswer } from '../../contract/states.ts'
import type { Card } from '../../contract/index.ts'
import { brief } from '../runs/run-words.ts'

/**
 * @returns the text of a blocked card beside its mark. For a task that gave up, it is the error alone: the mark and the
 *   number of attempts say the rest
 */
export function blockReason({ block_kind, block_reason }: Pick<Card, 'block_kind' | 'block_reason'>): string {
  if (block_reason === null) return 'Needs you'
  if (waitsForAnswer({ status: 'blocked', block_kind })) return brief(block_reason) ?? block_reason
  if (block_kind !== 'gave_up') return block_reason
  return block_reason.replace(/^Gave up after [^:]+: (It exited with \d+: )?/, '')
}
