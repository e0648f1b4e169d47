/** The one public file of the kernel. */
export type { Caller, Dispatching, Kernel, KernelOptions } from './api.ts'
export { openKernel } from './kernel.ts'
export { writeFileAtomic } from './home/files.ts'
export { type FolderWatch, watchBoards } from './home/folder-watch.ts'
export { callerFromEnvironment, defaultHome, refuseForeignHome, refuseHalfWorker } from './home/caller.ts'
export { WORKER_VARIABLES } from './home/presets.ts'
export { inheritedEnvironment } from './workers/environment/inherited-environment.ts'
export { loginShellPath, mergedPath } from './workers/environment/login-shell.ts'
