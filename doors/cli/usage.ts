import { OperationError } from '../../contract/index.ts'

/** @returns the error of an argument that cannot be valid on any board: exit 2 */
export function usageError(message: string, data?: Record<string, unknown>): OperationError {
  return new OperationError('INVALID_INPUT', message, data)
}

/** Where a verb is missing, a person is shown what there is. */
export class VerbMissing extends OperationError {
  readonly help: string

  constructor(help: string) {
    super('INVALID_INPUT', 'Which verb? `runboard help` lists them.')
    this.help = help
  }
}
