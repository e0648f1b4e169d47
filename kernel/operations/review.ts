import { MOST_FILE_LINES } from '../../contract/index.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { repositoryOf } from '../board/task-work.ts'
import { readFileLines } from '../workers/changes/file-lines.ts'
import { cleanUp, revertMergeOf } from './after-merge.ts'
import { conflictsOf } from './conflicts.ts'
import type { BoardHandlers } from './handler.ts'
import { refusingInSentences } from './merging.ts'
import { remarksOf } from './reviews.ts'

export const reviewHandlers = {
  'board.conflicts': (context) => conflictsOf(context),

  'task.remarks': ({ read }, { id }) => {
    requireTask(read, id)
    return { remarks: remarksOf(read, id) }
  },

  'task.file_lines': (context, { id, commit, path, from, to }) =>
    refusingInSentences(id, async () => {
      const repository = await repositoryOf(context.board, requireTask(context.read, id))
      return readFileLines(repository, { commit, path, from, to: Math.min(to, from + MOST_FILE_LINES - 1) })
    }),

  'task.revert_merge': (context, { id, message }) => revertMergeOf(context, id, message),

  'task.clean_up': (context, { id }) => cleanUp(context, id),
} satisfies Partial<BoardHandlers>
