import { SEVERITIES } from '../../contract/index.ts'
import { diagnose } from '../diagnostics/diagnose.ts'
import { boardFacts } from '../board/facts.ts'
import type { BoardHandlers } from './handler.ts'

export const diagnosticHandlers = {
  'diagnostics.list': ({ services, board }, { severity, task_id }) => {
    const least = SEVERITIES.indexOf(severity)
    const diagnostics = diagnose(board, boardFacts(services, board)).filter(
      (item) =>
        SEVERITIES.indexOf(item.severity) >= least &&
        (task_id === undefined || item.task_ids.includes(task_id)),
    )
    return { diagnostics }
  },
} satisfies Partial<BoardHandlers>
