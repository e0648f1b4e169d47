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
import { workOperations } from './work.ts'
import { workerOperations } from './workers.ts'
import { workflowOperations } from './workflows.ts'
import { PLACES } from './places.ts'
import type { OperationName } from './index.ts'

/** The declarations of each file in this folder. A command uses one operation, and so loads one file of them. */
const FILES = {
  tasks: () => taskOperations,
  reports: () => reportOperations,
  questions: () => questionOperations,
  messages: () => messageOperations,
  decisions: () => decisionOperations,
  runs: () => runOperations,
  sessions: () => sessionOperations,
  'take-over': () => takeOverOperations,
  moves: () => moveOperations,
  plans: () => planOperations,
  openers: () => openerOperations,
  work: () => workOperations,
  review: () => reviewOperations,
  'links-and-comments': () => linkAndCommentOperations,
  attachments: () => attachmentOperations,
  boards: () => boardOperations,
  'board-view': () => boardViewOperations,
  dispatcher: () => dispatcherOperations,
  workers: () => workerOperations,
  stats: () => statsOperations,
  usage: () => usageOperations,
  profiles: () => profileOperations,
  demo: () => demoOperations,
  'profile-test': () => profileTestOperations,
  project: () => projectOperations,
  upkeep: () => upkeepOperations,
  views: () => viewOperations,
  inbox: () => inboxOperations,
  diagnostics: () => diagnosticOperations,
  exchange: () => exchangeOperations,
  settings: () => settingsOperations,
  workflows: () => workflowOperations,
  walks: () => walkOperations,
} as const

/** A file in this folder that declares operations. kernel/operations has the handlers in a file of the same name. */
export type OperationFile = keyof typeof FILES

/** @returns the files with what each declares, for the list of places */
export function declaredByFile(): ReadonlyArray<
  readonly [OperationFile, Readonly<Record<string, OperationSpec>>]
> {
  return Object.entries(FILES).map(([file, declared]) => [
    file as OperationFile,
    declared() as unknown as Readonly<Record<string, OperationSpec>>,
  ])
}

/** @returns the spec of one operation, as `operations` has it, without loading the others */
export function specOf(name: OperationName): OperationSpec {
  const declared = FILES[PLACES[name].file]() as unknown as Readonly<Record<OperationName, OperationSpec>>
  return declared[name]
}
