/**
 * A worker could not be set up: its program, workspace, log or start failed. The message is one sentence (or two) for
 * the person who reads the board: what was wanted, why it failed, what would help. It becomes the error of a
 * `spawn_failed` run.
 */
export class WorkerSetupError extends Error {
  override readonly name: string = 'WorkerSetupError'
}

/** A failure that another attempt cannot fix: a person has to change something first. */
export class LastingSetupError extends WorkerSetupError {
  override readonly name = 'LastingSetupError'
}

/** Git is not installed, or not on the PATH. */
export class GitMissingError extends WorkerSetupError {
  override readonly name = 'GitMissingError'
}
