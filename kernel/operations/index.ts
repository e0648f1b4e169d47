import { attachmentHandlers } from './attachments.ts'
import { boardViewHandlers } from './board-view.ts'
import { boardHandlersOfApp, boardHandlersOfBoard } from './boards.ts'
import { decisionHandlers } from './decisions.ts'
import { demoHandlers } from './demo.ts'
import { diagnosticHandlers } from './diagnostics.ts'
import { dispatcherHandlers } from './dispatcher.ts'
import { exchangeHandlersOfApp, exchangeHandlersOfBoard } from './exchange.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'
import { inboxHandlers } from './inbox.ts'
import { linkAndCommentHandlers } from './links-and-comments.ts'
import { messageHandlers } from './messages.ts'
import { moveHandlers } from './moves.ts'
import { openerHandlersOfApp, openerHandlersOfBoard } from './openers.ts'
import { planHandlers } from './plans.ts'
import { profileTestHandlers } from './profile-test.ts'
import { profileHandlersOfApp, profileHandlersOfBoard } from './profiles.ts'
import { projectHandlersOfApp, projectHandlersOfBoard } from './project.ts'
import { questionHandlers } from './questions.ts'
import { reportHandlers } from './reports.ts'
import { reviewHandlers } from './review.ts'
import { runHandlers } from './runs.ts'
import { sessionHandlers } from './sessions.ts'
import { settingsHandlers } from './settings.ts'
import { statsHandlers } from './stats.ts'
import { takeOverHandlers } from './take-over.ts'
import { taskHandlers } from './tasks.ts'
import { upkeepHandlersOfApp, upkeepHandlersOfBoard } from './upkeep.ts'
import { usageHandlers } from './usage.ts'
import { viewHandlers } from './views.ts'
import { walkHandlers } from './walks.ts'
import { workflowHandlers } from './workflows.ts'
import { workHandlers } from './work.ts'
import { workerHandlers } from './workers.ts'

/** The handlers of all operations on a board. A missing one does not compile. */
export const boardHandlers: BoardHandlers = {
  ...taskHandlers,
  ...runHandlers,
  ...sessionHandlers,
  ...takeOverHandlers,
  ...decisionHandlers,
  ...moveHandlers,
  ...linkAndCommentHandlers,
  ...attachmentHandlers,
  ...planHandlers,
  ...openerHandlersOfBoard,
  ...workHandlers,
  ...reviewHandlers,
  ...boardHandlersOfBoard,
  ...boardViewHandlers,
  ...dispatcherHandlers,
  ...workerHandlers,
  ...statsHandlers,
  ...usageHandlers,
  ...profileHandlersOfBoard,
  ...reportHandlers,
  ...questionHandlers,
  ...messageHandlers,
  ...projectHandlersOfBoard,
  ...upkeepHandlersOfBoard,
  ...viewHandlers,
  ...inboxHandlers,
  ...diagnosticHandlers,
  ...exchangeHandlersOfBoard,
  ...workflowHandlers,
  ...walkHandlers,
}

/** The handlers of all operations on the home. */
export const appHandlers: AppHandlers = {
  ...boardHandlersOfApp,
  ...profileHandlersOfApp,
  ...profileTestHandlers,
  ...projectHandlersOfApp,
  ...openerHandlersOfApp,
  ...demoHandlers,
  ...upkeepHandlersOfApp,
  ...exchangeHandlersOfApp,
  ...settingsHandlers,
}
