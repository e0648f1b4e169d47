import { OperationError } from '../../contract/index.ts'

/** @returns the error for an argument that no board could accept; the program then ends with exit code 2 */
export function usageError(message: string, data?: Record<string, unknown>): OperationError {
  return new OperationError('INVALID_INPUT', message, data)
}

/** The command line names no verb. The help text is printed before the message. */
export class VerbMissing extends OperationError {
  readonly help: string

  constructor(help: string) {
    super('INVALID_INPUT', 'Which verb? `runboard help` lists them.')
    this.help = help
  }
}
