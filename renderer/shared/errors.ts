import { ERROR_CODES, type ErrorCode } from '../../contract/errors.ts'

/** Codes that only the client has: the call never got an answer, or the caller cancelled it. */
export type FailureCode = ErrorCode | 'DISCONNECTED' | 'CANCELLED'

/** The failure of a call, as screens show it. */
export interface Failure {
  code: FailureCode
  message: string
  data: Record<string, unknown> | null
}

interface Coded {
  code: unknown
  message?: unknown
  data?: unknown
}

function isCoded(cause: unknown): cause is Coded {
  return typeof cause === 'object' && cause !== null && 'code' in cause
}

const KNOWN: readonly string[] = ERROR_CODES

/**
 * @param cause anything that a call of the client threw
 * @returns its code and message; an error without a known code is DISCONNECTED, because no answer arrived
 */
export function asFailure(cause: unknown): Failure {
  if (cause instanceof Error && cause.name === 'AbortError') {
    return { code: 'CANCELLED', message: 'The call was cancelled.', data: null }
  }
  if (isCoded(cause) && typeof cause.code === 'string') {
    const message = typeof cause.message === 'string' ? cause.message : cause.code
    const data =
      typeof cause.data === 'object' && cause.data !== null ? (cause.data as Record<string, unknown>) : null
    if (KNOWN.includes(cause.code)) return { code: cause.code as ErrorCode, message, data }
    if (cause.code === 'BAD_REQUEST') return { code: 'INVALID_INPUT', message, data }
    if (cause.code === 'FORBIDDEN') return { code: 'UNAUTHORIZED', message, data }
    if (cause.code === 'INTERNAL_SERVER_ERROR') return { code: 'INTERNAL', message, data }
  }
  const detail = cause instanceof Error ? cause.message : String(cause)
  return { code: 'DISCONNECTED', message: `Runboard does not answer (${detail}).`, data: null }
}

/** @returns whether repeating the same call may help */
export function isTransient(failure: Failure): boolean {
  return failure.code === 'DISCONNECTED' || failure.code === 'BUSY'
}
