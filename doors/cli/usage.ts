import { OperationError } from '../../contract/index.ts'

/** @returns the error for an argument that no board could accept: exit code 2 */
export function usageError(message: string, data?: Record<string, unknown>): OperationError {
  return new OperationError('INVALID_INPUT', message, data)
}

/** A missing verb: the user gets the help text. */
export class VerbMissing extends OperationError {
  readonly help: string

  constructor(help: string) {
    super('INVALID_INPUT', 'Which verb? `runboard help` lists them.')
    this.help = help
  }
}
