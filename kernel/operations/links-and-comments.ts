import { linkTasks, unlinkTasks } from '../lifecycle/dependencies.ts'
import { getTask } from '../lifecycle/moved.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { presentComment, presentTask } from '../board/present.ts'
import * as taskComments from '../tables/task-comments.ts'
import type { BoardHandlers } from './handler.ts'

export const linkAndCommentHandlers = {
  'link.add': ({ write }, { parent_id, child_id }) =>
    write((tx) => {
      const changed = linkTasks(tx, requireTask(tx, parent_id), requireTask(tx, child_id))
      return { parent_id, child_id, changed, child: presentTask(getTask(tx, child_id)) }
    }),

  'link.remove': ({ write }, { parent_id, child_id }) =>
    write((tx) => {
      requireTask(tx, parent_id)
      requireTask(tx, child_id)
      const changed = unlinkTasks(tx, parent_id, child_id)
      return { parent_id, child_id, changed, child: presentTask(getTask(tx, child_id)) }
    }),

  'comment.add': ({ write, caller, worker }, { id, body, author }) =>
    write((tx) => {
      const task = requireTask(tx, id)
      const comment = tx.returning(taskComments.insert, {
        task_id: id,
        run_id: worker?.run_id ?? null,
        // A worker comments in its own name only: the next context frames the comment by its author.
        author: worker === undefined ? (author ?? caller.actor) : caller.actor,
        body,
        created_at: tx.now,
      })
      if (comment === undefined) throw new Error('a comment was not inserted')
      writeEvent(tx, 'commented', id, null, { comment_id: comment.id, author: comment.author })
      return { task: presentTask(task), comment: presentComment(comment) }
    }),
} satisfies Partial<BoardHandlers>
