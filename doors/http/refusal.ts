import type { ServerResponse } from 'node:http'
import { asOperationError, type ErrorBody, type ErrorCode, OperationError } from '../../contract/index.ts'

/** A request that is refused before it reaches an operation. */
export class Refusal extends Error {
  readonly status: number
  readonly body: ErrorBody

  constructor(status: number, code: ErrorCode, message: string) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.body = new OperationError(code, message).toBody()
  }
}

/** Answers with JSON, and ends the response. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

/**
 * @param cause the error thrown on the way to an operation
 * @param report called when it is not a Refusal
 */
export function sendRefusal(
  response: ServerResponse,
  cause: unknown,
  report: (message: string, cause: unknown) => void,
): void {
  if (cause instanceof Refusal) {
    if (cause.status === 401) response.setHeader('www-authenticate', 'Bearer')
    sendJson(response, cause.status, cause.body)
    return
  }
  report('A request failed', cause)
  sendJson(response, 500, asOperationError(cause).toBody())
}
