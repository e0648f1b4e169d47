import type { z } from 'zod'
import type { OperationName, Operations } from './operations/index.ts'

export * from './blank-task.ts'
export * from './board-rows.ts'
export * from './command-fields.ts'
export * from './errors.ts'
export * from './events.ts'
export * from './exchange.ts'
export * from './lazily.ts'
export * from './message-rows.ts'
export * from './operation.ts'
export * from './operations/index.ts'
export { declaredByFile, type OperationFile, specOf } from './operations/one.ts'
export { PLACES } from './operations/places.ts'
export * from './own-tools.ts'
export * from './profile-rows.ts'
export * from './question-rows.ts'
export * from './rows.ts'
export * from './run-rows.ts'
export * from './sessions.ts'
export * from './states.ts'
export { DEFAULT_MAX_WAIT_SECONDS, DEFAULT_STALE_SECONDS } from './times.ts'
export * from './values.ts'
export { LIST_SORTS } from './operations/tasks.ts'
export { boardSettingsFields, boardSettingsInput } from './operations/boards.ts'
export { PROFILE_DEFAULTS, profileFields } from './operations/profiles.ts'
export { DIAGNOSTIC_KINDS, SEVERITIES } from './operations/diagnostics.ts'
export type { Diagnostic, DiagnosticKind, Severity } from './operations/diagnostics.ts'
export type { InboxGroup, InboxItem } from './operations/inbox.ts'
export { TEST_STEPS } from './operations/profile-test.ts'
export type { TestStep } from './operations/profile-test.ts'
export { MOST_FILE_LINES } from './operations/review.ts'
export type { Conflict, ConflictsAnswer, Remark } from './operations/review.ts'
export type { LogAnswer } from './operations/runs.ts'
export { APP_SETTING_DEFAULTS, appSettings, NOTIFY_LEVELS, QUIT_POLICIES } from './operations/settings.ts'
export type { AppSettings, NotifyLevel, QuitPolicy } from './operations/settings.ts'
export type { SearchMatch } from './operations/tasks.ts'
export type { OpenersAnswer } from './operations/openers.ts'
export type { ChangedFile, Commit, Diff } from './operations/work.ts'
export type { WorkflowAnswers } from './operations/walks.ts'
export type { Usage, UsageKey, UsageRow } from './operations/usage.ts'
export type { SavedView } from './operations/views.ts'

/** The input that a caller passes. */
export type OperationInput<N extends OperationName> = z.input<Operations[N]['input']>
/** The input that a handler gets: checked, trimmed, with defaults. */
export type CheckedInput<N extends OperationName> = z.output<Operations[N]['input']>
export type OperationOutput<N extends OperationName> = z.output<Operations[N]['output']>

export type StreamName = {
  [N in OperationName]: Operations[N]['kind'] extends 'stream' ? N : never
}[OperationName]
export type CallName = Exclude<OperationName, StreamName>

type Group<N> = N extends `${infer G}.${string}` ? G : never
type Verb<N, G extends string> = N extends `${G}.${infer V}` ? V : never

/** What a call takes in addition to its input. Any AbortSignal fits. */
export interface CallOptions {
  signal?: { readonly aborted: boolean }
}

/**
 * The typed client for screens and the desktop shell: `client.task.show({ id })`. Whatever the transport, names and
 * types are the contract's.
 */
export type Client = {
  [G in Group<OperationName>]: {
    [V in Verb<OperationName, G>]: `${G}.${V}` extends infer N extends OperationName
      ? N extends StreamName
        ? (input: OperationInput<N>, options?: CallOptions) => Promise<AsyncIterable<OperationOutput<N>>>
        : (input: OperationInput<N>, options?: CallOptions) => Promise<OperationOutput<N>>
      : never
  }
}
