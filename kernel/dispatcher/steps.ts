/** The steps between a claim and a running worker, in order. Up to the last one nothing of the worker's program has run. */
export const START_STEPS = ['claimed', 'workspace', 'context', 'spawned', 'recorded', 'started'] as const

/** All steps between a claim and the end of its run, by name: fault tests end the process at each. */
export const RUN_STEPS = [
  ...START_STEPS,
  /** The worker has ended well and its check is about to begin. */
  'checking',
  /** A limit was passed: its process tree is stopped next. */
  'stopping',
  /** Its process tree is gone. */
  'stopped',
  /** The process has ended, and what can be told of it is gathered; the run is closed next. */
  'exited',
  'closed',
  /** A run that a dispatcher left behind is taken back. */
  'rescued',
] as const

export type RunStep = (typeof RUN_STEPS)[number]
