import type { OperationSpec } from '../operation.ts'
import { attachmentOperations } from './attachments.ts'
import { boardViewOperations } from './board-view.ts'
import { boardOperations } from './boards.ts'
import { decisionOperations } from './decisions.ts'
import { demoOperations } from './demo.ts'
import { diagnosticOperations } from './diagnostics.ts'
import { dispatcherOperations } from './dispatcher.ts'
import { exchangeOperations } from './exchange.ts'
import { inboxOperations } from './inbox.ts'
import { linkAndCommentOperations } from './links-and-comments.ts'
import { messageOperations } from './messages.ts'
import { moveOperations } from './moves.ts'
import { openerOperations } from './openers.ts'
import { planOperations } from './plans.ts'
import { profileTestOperations } from './profile-test.ts'
import { profileOperations } from './profiles.ts'
import { projectOperations } from './project.ts'
import { questionOperations } from './questions.ts'
import { reportOperations } from './reports.ts'
import { reviewOperations } from './review.ts'
import { runOperations } from './runs.ts'
import { sessionOperations } from './sessions.ts'
import { settingsOperations } from './settings.ts'
import { statsOperations } from './stats.ts'
import { takeOverOperations } from './take-over.ts'
import { taskOperations } from './tasks.ts'
import { upkeepOperations } from './upkeep.ts'
import { usageOperations } from './usage.ts'
import { viewOperations } from './views.ts'
import { walkOperations } from './walks.ts'
import { workflowOperations } from './workflows.ts'
import { workOperations } from './work.ts'
import { workerOperations } from './workers.ts'

/** Every operation of Runboard, by its dotted name. Doors loop over it; kernel/operations has a handler for each. */
export const operations = {
  ...taskOperations,
  ...reportOperations,
  ...questionOperations,
  ...messageOperations,
  ...decisionOperations,
  ...runOperations,
  ...sessionOperations,
  ...takeOverOperations,
  ...moveOperations,
  ...planOperations,
  ...openerOperations,
  ...workOperations,
  ...reviewOperations,
  ...linkAndCommentOperations,
  ...attachmentOperations,
  ...boardOperations,
  ...boardViewOperations,
  ...dispatcherOperations,
  ...workerOperations,
  ...statsOperations,
  ...usageOperations,
  ...profileOperations,
  ...demoOperations,
  ...profileTestOperations,
  ...projectOperations,
  ...upkeepOperations,
  ...viewOperations,
  ...inboxOperations,
  ...diagnosticOperations,
  ...exchangeOperations,
  ...settingsOperations,
  ...workflowOperations,
  ...walkOperations,
} as const

export type Operations = typeof operations
export type OperationName = keyof Operations

/** All operations as plain specs, for loops that do not need their types. */
export const operationList: ReadonlyArray<readonly [OperationName, OperationSpec]> = Object.entries(
  operations,
) as unknown as ReadonlyArray<readonly [OperationName, OperationSpec]>
