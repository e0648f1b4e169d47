import { tryProfile } from '../profile-test/try-profile.ts'
import type { AppHandlers } from './handler.ts'
import { executableOf, requireProfile } from './profiles.ts'

export const profileTestHandlers: AppHandlers<'profile.test'> = {
  'profile.test': ({ services }, { name, timeout_seconds }) => {
    const profile = requireProfile(services, name)
    return tryProfile(services, profile, executableOf(services, profile).executable_error, timeout_seconds)
  },
}
