import { tryProfile } from '../profile-test/try-profile.ts'
import type { AppContext, AppHandlers } from './handler.ts'
import { executableOf } from './profile-warnings.ts'
import { requireProfile } from './profiles.ts'

export const profileTestHandlers = {
  'profile.test': (context, { name, board, timeout_seconds }) => {
    const { services } = context
    const profile = requireProfile(services, name)
    const problem = executableOf(services, profile).executable_error
    return tryProfile(services, profile, {
      problem,
      timeoutSeconds: timeout_seconds,
      projectDir: projectOf(context, board),
    })
  },
} satisfies Partial<AppHandlers>

/** The project of the board that a task would be created on. A test creates no board. */
function projectOf({ services, caller }: AppContext, named: string | undefined): string | null {
  const { folders } = services
  const slug = named ?? caller.board ?? folders.ofProject(caller.cwd ?? '/') ?? folders.current()
  if (slug === null || (named === undefined && caller.board === undefined && !folders.exists(slug)))
    return null
  return services.board(services.resolveSlug(caller, slug)).settings().project_dir
}
