import { clipLine } from '../../formats/controls.ts'
import { tellingEnd } from '../../formats/headline.ts'
import { onOneLine } from '../../formats/log-part.ts'
import type { AgentOutput } from '../workers/log/agent-output.ts'

/** An agent's last message may be long; a handoff need not be. */
const SUMMARY_CHARS = 4_000

/** @returns the last message of a worker, as the summary of its run */
export function summaryOf({ said }: Pick<AgentOutput, 'said'>): string | null {
  return said === null ? null : clipLine(said, SUMMARY_CHARS)
}

/** Describes the end, with the line that explains it and the last lines of the output. */
export function describeEnd(
  { how, last }: { how: string; last: string | null },
  { lines }: Pick<AgentOutput, 'lines'>,
): string {
  if (last === null) return withOutput(how, lines)
  const above = lines.join('\n').trimEnd()
  const stated = `${how.replace(/\.$/, '')}: ${onOneLine(last, 300)}`
  return withOutput(stated, above.endsWith(last.trimEnd()) ? lines : [...lines, last])
}

/** @returns the sentence, with the lines of the output that explain an end */
export function withOutput(sentence: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${sentence} It wrote nothing.` : `${sentence}\n${tellingEnd(lines).join('\n')}`
}
