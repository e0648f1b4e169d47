import { ORPCError } from '@orpc/server'
import {
  asOperationError,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
  HTTP_STATUS,
  OperationError,
} from '../../contract/index.ts'

/** Logs details that are not sent to the caller. */
export type Report = (message: string, cause?: unknown) => void

/** Standard error, always with the stack. */
export const reportToStderr: Report = (message, cause) => {
  console.error(message, cause ?? '')
}

/**
 * The one place that converts a refusal into oRPC's error.
 *
 * @param cause anything thrown by an operation
 * @param operation its name, for the report
 */
export function toOrpcError(cause: unknown, operation: string, report: Report): ORPCError<string, unknown> {
  const error = asOperationError(cause)
  // The kernel has already reported what it throws as INTERNAL.
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
 * @param error oRPC's error; its own codes (for a malformed request, say) are mapped to the contract's
 * @returns the body that REST callers get
 */
export function toErrorBody(error: ORPCError<string, unknown>): ErrorBody {
  const code = isErrorCode(error.code) ? error.code : error.status < 500 ? 'INVALID_INPUT' : 'INTERNAL'
  const data = error.data as Record<string, unknown> | undefined
  return new OperationError(code, error.message, isErrorCode(error.code) ? data : undefined).toBody()
}
