import { ORPCError } from '@orpc/server'
import { asOperationError, ERROR_CODES, HTTP_STATUS, OperationError } from '../../contract/index.ts'
import type { ErrorBody, ErrorCode } from '../../contract/index.ts'

/** Where what went wrong is told, when the caller is only told that something did. */
export type Report = (message: string, cause?: unknown) => void

/** Standard error, with the stack: what broke is never told in part. */
export const reportToStderr: Report = (message, cause) => {
  console.error(message, cause ?? '')
}

/**
 * The one place where a refusal becomes what oRPC carries.
 *
 * @param cause anything thrown by an operation
 * @param operation its name, for the report
 */
export function toOrpcError(cause: unknown, operation: string, report: Report): ORPCError<string, unknown> {
  const error = asOperationError(cause)
  // What the kernel throws as INTERNAL it has reported itself.
  if (!(cause instanceof OperationError)) report(`${operation} failed`, cause)
  return new ORPCError(error.code, {
    status: HTTP_STATUS[error.code],
    message: error.message,
    data: error.data,
    cause,
  })
}

function isErrorCode(code: string): code is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(code)
}

/**
 * @param error as oRPC carries it; its own codes (a malformed request, say) become the contract's
 * @returns the body that callers of REST see
 */
export function toErrorBody(error: ORPCError<string, unknown>): ErrorBody {
  const code = isErrorCode(error.code) ? error.code : error.status < 500 ? 'INVALID_INPUT' : 'INTERNAL'
  const data = error.data as Record<string, unknown> | undefined
  return new OperationError(code, error.message, isErrorCode(error.code) ? data : undefined).toBody()
}
