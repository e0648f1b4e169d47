/** The one public file of the kernel. */
export type { Caller, Dispatching, Kernel, KernelOptions, WorkerIdentity } from './api.ts'
export { openKernel } from './kernel.ts'
export { writeFileAtomic } from './home/files.ts'
export { callerFromEnvironment, defaultHome, refuseForeignHome, refuseHalfWorker } from './caller.ts'
export { WORKER_VARIABLES } from './presets.ts'
export { inheritedEnvironment, loginShellPath, mergedPath } from './workers/index.ts'
