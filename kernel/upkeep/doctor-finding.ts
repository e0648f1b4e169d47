import { statSync } from 'node:fs'
import type { OperationOutput } from '../../contract/index.ts'

export type Check = OperationOutput<'doctor.run'>['checks'][number]
export type Finding = Pick<Check, 'ok' | 'sentence'>

export const fine = (sentence: string): Finding => ({ ok: true, sentence })
export const wrong = (sentence: string): Finding => ({ ok: false, sentence })

/** Runs one check; an error it throws becomes its finding. */
export async function examine(
  name: string,
  board: string | null,
  body: () => Finding | Promise<Finding>,
): Promise<Check> {
  try {
    return { name, board, ...(await body()) }
  } catch (error) {
    return { name, board, ...wrong(error instanceof Error ? error.message : String(error)) }
  }
}

/** Whether other users can reach a path. On Windows the mode does not say: it is always 0o666. */
export function isOpenToOthers(path: string): boolean {
  const stat = process.platform === 'win32' ? undefined : statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && (stat.mode & 0o077) !== 0
}
