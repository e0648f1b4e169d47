import type { Profile } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import type { FailurePolicy } from '../lifecycle/fail.ts'
import type { Services } from '../services.ts'

/** @returns how to handle a failed run of this profile on this board, by their current settings */
export function failurePolicy(
  services: Pick<Services, 'random'>,
  board: Board,
  profile: Profile | undefined,
): FailurePolicy {
  return {
    profile_limit: profile?.failure_limit ?? null,
    board_limit: board.settings().failure_limit,
    backoff_seconds: profile?.backoff_seconds ?? null,
    random: services.random,
  }
}
