import { WorkerSetupError } from '../setup-error.ts'
import { cleanHead } from './read-changes.ts'
import type { VerifyResult } from '../spawn/verify.ts'

/** The recorded result of a check on its run. A type, not an interface: it is written as JSON. */
export type VerifyFacts = {
  verify_exit_code: number
  verify_output: string
  /** The commit that passed; null when it failed, or files were uncommitted. */
  verify_head: string | null
  /** All of its output; missing when it could not be started. */
  verify_log_path?: string
}

/** @param cwd where the check ran */
export async function verifyFacts(
  { exit_code, output, log_path }: VerifyResult,
  cwd: string,
): Promise<VerifyFacts> {
  const verify_head = exit_code === 0 ? await headIfKnown(cwd) : null
  const facts = { verify_exit_code: exit_code, verify_output: output, verify_head }
  return log_path === null ? facts : { ...facts, verify_log_path: log_path }
}

async function headIfKnown(cwd: string): Promise<string | null> {
  try {
    return await cleanHead(cwd)
  } catch (error) {
    // Git is missing, or fails here. The check has passed all the same, and nobody merges what git cannot read.
    if (error instanceof WorkerSetupError) return null
    throw error
  }
}
