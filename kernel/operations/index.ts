import type { CallName, operations } from '../../contract/index.ts'
import { boardHandlersOfApp, boardHandlersOfBoard } from './boards.ts'
import { demoHandlers } from './demo.ts'
import { diagnosticHandlers } from './diagnostics.ts'
import { dispatchHandlers } from './dispatch.ts'
import { exchangeHandlersOfApp, exchangeHandlersOfBoard } from './exchange.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'
import { inboxHandlers } from './inbox.ts'
import { linkAndCommentHandlers } from './links-and-comments.ts'
import { listRunsHandlers } from './list-runs.ts'
import { moveHandlers } from './moves.ts'
import { planHandlers } from './plans.ts'
import { profileTestHandlers } from './profile-test.ts'
import { profileHandlersOfApp, profileHandlersOfBoard } from './profiles.ts'
import { reportHandlers } from './reports.ts'
import { runHandlers } from './runs.ts'
import { settingsHandlers } from './settings.ts'
import { taskHandlers } from './tasks.ts'
import { upkeepHandlersOfApp, upkeepHandlersOfBoard } from './upkeep.ts'
import { viewHandlers } from './views.ts'
import { workHandlers } from './work.ts'

type NamesOf<Scope> = {
  [N in CallName]: (typeof operations)[N]['scope'] extends Scope ? N : never
}[CallName]

/** The handlers of all operations on a board. One that is missing does not compile. */
export const boardHandlers: BoardHandlers<NamesOf<'board'>> = {
  ...taskHandlers,
  ...runHandlers,
  ...listRunsHandlers,
  ...moveHandlers,
  ...linkAndCommentHandlers,
  ...planHandlers,
  ...workHandlers,
  ...boardHandlersOfBoard,
  ...dispatchHandlers,
  ...profileHandlersOfBoard,
  ...reportHandlers,
  ...upkeepHandlersOfBoard,
  ...viewHandlers,
  ...inboxHandlers,
  ...diagnosticHandlers,
  ...exchangeHandlersOfBoard,
}

/** The handlers of all operations on the home. */
export const appHandlers: AppHandlers<NamesOf<'app'>> = {
  ...boardHandlersOfApp,
  ...profileHandlersOfApp,
  ...profileTestHandlers,
  ...demoHandlers,
  ...upkeepHandlersOfApp,
  ...exchangeHandlersOfApp,
  ...settingsHandlers,
}
