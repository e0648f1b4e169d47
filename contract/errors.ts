/** The short list of reasons why an operation is refused. Every door maps it once. */
export const ERROR_CODES = [
  'NOT_FOUND',
  'INVALID_INPUT',
  'CONFLICT',
  'STALE_RUN',
  'CYCLE',
  'UNKNOWN_CARDS',
  'UNAUTHORIZED',
  'BOARD_DAMAGED',
  'BOARD_TOO_NEW',
  'BUSY',
  'INTERNAL',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** The HTTP status of each code. */
export const HTTP_STATUS: Record<ErrorCode, number> = {
  NOT_FOUND: 404,
  INVALID_INPUT: 400,
  CONFLICT: 409,
  STALE_RUN: 409,
  CYCLE: 409,
  UNKNOWN_CARDS: 409,
  UNAUTHORIZED: 401,
  BOARD_DAMAGED: 500,
  BOARD_TOO_NEW: 500,
  BUSY: 503,
  INTERNAL: 500,
}

/**
 * The exit code of the CLI. What cannot be valid on any board is wrong usage; what needed the board to know is a refusal.
 */
export function exitCodeOf(code: ErrorCode): 1 | 2 {
  return code === 'INVALID_INPUT' ? 2 : 1
}

/** What every door shows of an error, each in its own way. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; data?: Record<string, unknown> }
}

/**
 * A refusal that callers are meant to see: nothing has changed when it is thrown.
 *
 * `message` says what was refused, why, and what would work. Anything thrown that is not an OperationError is a defect
 * and reaches callers as INTERNAL.
 */
export class OperationError extends Error {
  readonly code: ErrorCode
  readonly data: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, data?: Record<string, unknown>, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OperationError'
    this.code = code
    this.data = data
  }

  /** The error as callers see it, through any door. */
  toBody(): ErrorBody {
    const error: ErrorBody['error'] = { code: this.code, message: this.message }
    if (this.data !== undefined) error.data = this.data
    return { error }
  }
}

/**
 * @param cause anything that was thrown
 * @returns the same error if it is one of ours, else INTERNAL with the cause kept for the log
 */
export function asOperationError(cause: unknown): OperationError {
  if (cause instanceof OperationError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new OperationError('INTERNAL', `Something broke inside Runboard: ${message}`, undefined, { cause })
}
