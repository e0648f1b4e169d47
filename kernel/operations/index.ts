import { type OperationFile, PLACES } from '../../contract/index.ts'
import { attachmentHandlers } from './attachments.ts'
import { boardViewHandlers } from './board-view.ts'
import { boardHandlersOfApp, boardHandlersOfBoard } from './boards.ts'
import { decisionHandlers } from './decisions.ts'
import { demoHandlers } from './demo.ts'
import { diagnosticHandlers } from './diagnostics.ts'
import { dispatcherHandlers } from './dispatcher.ts'
import { exchangeHandlersOfApp, exchangeHandlersOfBoard } from './exchange.ts'
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
import type { AppHandlers, BoardHandlers } from './handler.ts'

/** The handlers of each file. A call loads those of its own operation. */
const FILES = {
  tasks: () => taskHandlers,
  reports: () => reportHandlers,
  questions: () => questionHandlers,
  messages: () => messageHandlers,
  decisions: () => decisionHandlers,
  runs: () => runHandlers,
  sessions: () => sessionHandlers,
  'take-over': () => takeOverHandlers,
  moves: () => moveHandlers,
  plans: () => planHandlers,
  openers: () => ({ ...openerHandlersOfApp, ...openerHandlersOfBoard }),
  work: () => workHandlers,
  review: () => reviewHandlers,
  'links-and-comments': () => linkAndCommentHandlers,
  attachments: () => attachmentHandlers,
  boards: () => ({ ...boardHandlersOfApp, ...boardHandlersOfBoard }),
  'board-view': () => boardViewHandlers,
  dispatcher: () => dispatcherHandlers,
  workers: () => workerHandlers,
  stats: () => statsHandlers,
  usage: () => usageHandlers,
  profiles: () => ({ ...profileHandlersOfApp, ...profileHandlersOfBoard }),
  demo: () => demoHandlers,
  'profile-test': () => profileTestHandlers,
  project: () => ({ ...projectHandlersOfApp, ...projectHandlersOfBoard }),
  upkeep: () => ({ ...upkeepHandlersOfApp, ...upkeepHandlersOfBoard }),
  views: () => viewHandlers,
  inbox: () => inboxHandlers,
  diagnostics: () => diagnosticHandlers,
  exchange: () => ({ ...exchangeHandlersOfApp, ...exchangeHandlersOfBoard }),
  settings: () => settingsHandlers,
  workflows: () => workflowHandlers,
  walks: () => walkHandlers,
} satisfies Record<OperationFile, () => Partial<AppHandlers & BoardHandlers>>

type Handled = { [F in OperationFile]: keyof ReturnType<(typeof FILES)[F]> }[OperationFile]

/** A handler of any operation. What it gets was checked against the contract. */
export type AnyHandler = (context: unknown, input: unknown) => unknown

/** @returns the handler of an operation */
export function handlerOf(name: keyof AppHandlers | keyof BoardHandlers): AnyHandler {
  // An operation without a handler does not compile here.
  const handled: Handled = name
  return FILES[PLACES[handled].file]()[handled as never]
}
