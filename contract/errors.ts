/** The short list of reasons for refusing an operation. Every door maps it once. */
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
 * The exit code of the CLI. Input that no board could accept is wrong usage (2); a refusal that depends on the board is
 * an error (1).
 */
export function exitCodeOf(code: ErrorCode): 1 | 2 {
  return code === 'INVALID_INPUT' ? 2 : 1
}

/** The content of an error, which every door shows in its own form. */
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

  /** The error as callers get it, through any door. */
  toBody(): ErrorBody {
    const error: ErrorBody['error'] = { code: this.code, message: this.message }
    if (this.data !== undefined) error.data = this.data
    return { error }
  }
}

/** System errors that mean that the disk or its permissions are the problem, not Runboard. */
const SYSTEM_TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EFBIG: 'it would exceed the maximum file size',
  EDQUOT: 'your disk quota is used up',
  EROFS: 'its disk is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'its disk reported an error',
  ENOTDIR: 'a file is where a folder must be',
  EISDIR: 'a folder is where the file must be',
  ELOOP: 'its path leads through too many links',
  ENAMETOOLONG: 'its path is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
}

/** @returns what the system refused, in words; undefined for any other error */
export function systemTrouble(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !('code' in cause)) return undefined
  const code = String(cause.code)
  // Node reports ENOENT also when it cannot create a folder on a read-only disk.
  if (code === 'ENOENT' && 'syscall' in cause && cause.syscall === 'mkdir') {
    return 'its folder is not there, or its disk is read-only'
  }
  return Object.hasOwn(SYSTEM_TROUBLES, code) ? SYSTEM_TROUBLES[code] : undefined
}

/**
 * @param cause anything that was thrown
 * @returns the same error if it is one of ours, else INTERNAL with the cause kept for the log; in words if the disk or
 *   its permissions are the problem
 */
export function asOperationError(cause: unknown): OperationError {
  if (cause instanceof OperationError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const trouble = systemTrouble(cause)
  if (trouble !== undefined) {
    const path = cause instanceof Error && 'path' in cause ? String(cause.path) : 'A file'
    const sentence = `${path} could not be used: ${trouble} (${message}). Fix that and try again.`
    return new OperationError('INTERNAL', sentence, undefined, { cause })
  }
  return new OperationError('INTERNAL', `Internal error: ${message}`, undefined, { cause })
}
