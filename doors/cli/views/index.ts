import { printDiagnostics, printInbox } from './attention.ts'
import {
  printBoard,
  printBoards,
  printDemo,
  printDispatcher,
  printPresets,
  printProfile,
  printProfiles,
  printReport,
  printStats,
  printWorkers,
} from './boards.ts'
import { printProfileTest } from './profile-test.ts'
import type { BoardEvent } from '../../../contract/index.ts'
import { eventLine } from './events.ts'
import type { Printer, View } from './printer.ts'
import { harmless } from './text.ts'
import {
  printClaim,
  printErrors,
  printListedRuns,
  printRun,
  printRuns,
  printSession,
  printTakenOver,
} from './runs.ts'
import {
  printCards,
  printComment,
  printContext,
  printDetail,
  printDispatch,
  printId,
  printLink,
  printTask,
  printWhy,
} from './tasks.ts'
import { printAttachments } from './attachments.ts'
import { printMessage, printMessages } from './messages.ts'
import { printAnswer, printQuestion, printQuestions, printWholeQuestion } from './questions.ts'
import { printOpeners, printSettings } from './settings.ts'
import { printDoctor, printGc } from './upkeep.ts'
import { printUsage } from './usage.ts'
import {
  printAdded,
  printChecked,
  printRemoved,
  printSimulation,
  printTrusted,
  printWalks,
  printWorkflow,
  printWorkflowDiff,
  printWorkflowRuns,
  printWorkflows,
} from './workflows.ts'
import {
  printCleaned,
  printConflicts,
  printDiff,
  printDiscarded,
  printMerged,
  printRemarks,
  printReverted,
} from './work.ts'

/**
 * The contract defines the answer's type; each view is written for the operation that names it.
 *
 * @param printOf names the function when the view is used: a command loads one view, not all of them
 */
function view<Answer>(printOf: () => (answer: Answer, printer: Printer) => string): View {
  return (answer, printer) => printOf()(answer as Answer, printer)
}

const views: Readonly<Record<string, View>> = {
  answer: view(() => printAnswer),
  attachments: view(() => printAttachments),
  board: view(() => printBoard),
  boards: view(() => printBoards),
  cards: view(() => printCards),
  claim: view(() => printClaim),
  cleaned: view(() => printCleaned),
  conflicts: view(() => printConflicts),
  comment: view(() => printComment),
  context: view(() => printContext),
  demo: view(() => printDemo),
  detail: view(() => printDetail),
  diff: view(() => printDiff),
  diagnostics: view(() => printDiagnostics),
  discarded: view(() => printDiscarded),
  dispatch: view(() => printDispatch),
  dispatcher: view(() => printDispatcher),
  doctor: view(() => printDoctor),
  errors: view(() => printErrors),
  events: view(() => (event: BoardEvent, printer) => eventLine(event, printer)),
  gc: view(() => printGc),
  id: view(() => printId),
  inbox: view(() => printInbox),
  link: view(() => printLink),
  message: view(() => printMessage),
  messages: view(() => printMessages),
  merged: view(() => printMerged),
  'listed-runs': view(() => printListedRuns),
  openers: view(() => printOpeners),
  presets: view(() => printPresets),
  profile_test: view(() => printProfileTest),
  profile: view(() => printProfile),
  profiles: view(() => printProfiles),
  question: view(() => printQuestion),
  'whole-question': view(() => printWholeQuestion),
  questions: view(() => printQuestions),
  quiet: () => '',
  report: view(() => printReport),
  run: view(() => printRun),
  remarks: view(() => printRemarks),
  reverted: view(() => printReverted),
  runs: view(() => printRuns),
  session: view(() => printSession),
  settings: view(() => printSettings),
  stats: view(() => printStats),
  'taken-over': view(() => printTakenOver),
  task: view(() => printTask),
  usage: view(() => printUsage),
  walk: view(() => printWalks),
  why: view(() => printWhy),
  workers: view(() => printWorkers),
  workflow: view(() => printWorkflow),
  'workflow-added': view(() => printAdded),
  'workflow-checked': view(() => printChecked),
  'workflow-diff': view(() => printWorkflowDiff),
  'workflow-file': view(
    () =>
      ({ file }: { file: string }) =>
        file,
  ),
  'workflow-removed': view(() => printRemoved),
  'workflow-runs': view(() => printWorkflowRuns),
  'workflow-trusted': view(() => printTrusted),
  'workflow-walk': view(() => printSimulation),
  workflows: view(() => printWorkflows),
}

/** Views whose output other programs read byte for byte. */
const UNCHANGED = ['context']

/** @returns whether there is a view with that name */
export function hasView(name: string): boolean {
  return Object.hasOwn(views, name)
}

/**
 * @param name of the view that the contract gives the operation
 * @returns the answer as text for people
 */
export function printView(name: string, answer: unknown, printer: Printer): string {
  const text = (views[name] ?? printReport)(answer, printer)
  return UNCHANGED.includes(name) && !printer.terminal ? text : harmless(text)
}
