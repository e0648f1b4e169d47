/** The steps between a claim and a running worker, in order. The worker's program starts only with the last one. */
export const START_STEPS = ['claimed', 'workspace', 'context', 'spawned', 'recorded', 'started'] as const

/** All steps between a claim and the end of its run. Fault tests end the process at each. */
export const RUN_STEPS = [
  ...START_STEPS,
  /** The worker has ended well; its check is about to start. */
  'checking',
  /** A limit was exceeded: its process tree is stopped next. */
  'stopping',
  /** Its process tree is gone. */
  'stopped',
  /** The process has ended and the facts about its end are gathered; the run is closed next. */
  'exited',
  'closed',
  /** A run that a dispatcher left behind is taken back. */
  'rescued',
] as const

export type RunStep = (typeof RUN_STEPS)[number]
