/** What the rest of the kernel uses of workers: mechanisms that know nothing of boards. */
export { capLog, LOG_MAX_BYTES } from './cap-log.ts'
export { buildCommand, type CommandTemplate, type CommandValues } from './command.ts'
export { type RunEnvironment, workerEnvironment } from './environment.ts'
export { inheritedEnvironment } from './inherited-environment.ts'
export { resolveExecutable, type ResolvedExecutable, workerPath } from './executable.ts'
export {
  hostIdentity,
  isAlive,
  isThisHost,
  type ProcessIdentity,
  startKeyOf,
  watchProcess,
} from './identity.ts'
export { readExitFile, type WorkerExit } from './keeper.ts'
export { logSize, readLog, statLog, tailLog } from './log-file.ts'
export { logIndexPath, LogIndexWriter, offsetAfterCut, readIndex, timeAt } from './log-index.ts'
export { LogWatcher } from './log-watcher.ts'
export { loginShellPath, mergedPath } from './login-shell.ts'
export { type Observed, observe } from './observe.ts'
export { readProcessTable } from './process-table.ts'
export { type Retired, retireWorkspace } from './retire.ts'
export { WorkerSetupError } from './setup-error.ts'
export { writeRunboardShim } from './shim.ts'
export type { StartedWorker, StartWorkerOptions } from './spawn-options.ts'
export { startWorker } from './spawn.ts'
export { stopTree, type StopResult } from './stop-tree.ts'
export {
  leftoverChildren,
  type ProcessStats,
  processStats,
  processTree,
  type RunMarkers,
  type TreeProcess,
  type WorkerTarget,
} from './tree.ts'
export { prepareWorkspace, type Workspace, type WorkspaceRequest } from './workspace.ts'
