import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_SLUG } from '../../formats/demo-board.ts'
import type { OperationInput } from '../../contract/index.ts'
import { applicationRoot } from '../db/migrate.ts'
import { readFileIfThere, writeFileAtomic } from '../home/files.ts'
import type { AppContext, AppHandlers } from './handler.ts'

type DemoTask = Omit<OperationInput<'task.create'>, 'parents' | 'board'> & {
  key: string
  parents?: readonly string[]
}

/** The profiles of the demo. Each runs one of the small scripts in demo/ for real. */
const PROFILES: Record<string, Record<string, unknown>> = {
  'demo-steady': {
    description: 'Demo: works a little, says so, and hands over a summary with metadata',
    script: 'steady.sh',
  },
  'demo-shaky': {
    description: 'Demo: crashes on the first attempt, learns, succeeds',
    script: 'shaky.sh',
    backoff_seconds: 3,
  },
  'demo-asker': {
    description: 'Demo: asks a question, and continues once it is answered',
    script: 'asker.sh',
  },
  'demo-slow': {
    description: 'Demo: does not stop by itself; its time limit stops it',
    script: 'slow.sh',
    max_runtime_seconds: 4,
    backoff_seconds: 2,
    failure_limit: 2,
  },
  'demo-broken': {
    description: 'Demo: fails each time, until Runboard gives up',
    script: 'broken.sh',
    backoff_seconds: 1,
    failure_limit: 3,
  },
  'demo-plain': {
    description: 'Demo: a plain command that knows nothing of Runboard; its exit code decides',
    script: 'plain.sh',
    completion: 'exit-code',
  },
}

const TASKS: readonly DemoTask[] = [
  {
    key: 'brief',
    title: 'Write the brief for the release notes',
    body: 'Collect what changed since the last release and **hand it over** to the two tasks that wait for it.\n\n- what is new\n- what is fixed\n- what to look out for',
    assignee: 'demo-steady',
    priority: 5,
    tenant: 'release',
  },
  {
    key: 'draft',
    title: 'Draft the release notes from the brief',
    body: 'Read the summary and metadata that the brief handed over; they are in your context under “Parent results”.',
    assignee: 'demo-steady',
    parents: ['brief'],
    tenant: 'release',
  },
  {
    key: 'flaky',
    title: 'Fix the flaky login test',
    body: 'The first attempt crashes. The second one reads in its context why, and does it differently.',
    assignee: 'demo-shaky',
    priority: 3,
    tenant: 'quality',
  },
  {
    key: 'question',
    title: 'Choose a name for the export command',
    body: 'Asks a question and waits. Answer it on the card, or with `runboard unblock ID --answer TEXT`.',
    assignee: 'demo-asker',
    priority: 2,
  },
  {
    key: 'slow',
    title: 'Profile the importer on the large data set',
    body: 'Runs longer than its time limit allows, so Runboard stops it: the whole process tree.',
    assignee: 'demo-slow',
    tenant: 'quality',
  },
  {
    key: 'broken',
    title: 'Upload the coverage report',
    body: 'Fails each time. After three failures in a row Runboard gives up, and only a person can let it continue.',
    assignee: 'demo-broken',
    tenant: 'quality',
  },
  {
    key: 'count',
    title: 'Count the lines of the project',
    body: 'A plain command: exit code 0 completes it, and its last line of output is the summary.',
    assignee: 'demo-plain',
  },
  {
    key: 'announce',
    title: 'Announce the release',
    body: 'Waits for the draft and for the name of the export command.',
    assignee: 'demo-steady',
    parents: ['draft', 'question'],
    tenant: 'release',
  },
  {
    key: 'idea',
    title: 'Idea: a weekly digest of what the workers did',
    body: 'In triage: it does not run until you promote it.',
    triage: true,
  },
]

export const demoHandlers = {
  /** Creates the demo board. A second call returns the same board and tasks. */
  'demo.create': async (context) => {
    const { services } = context
    if (services.folders.exists(DEMO_SLUG)) services.folders.setCurrent(DEMO_SLUG)
    else await context.call('board.create', { slug: DEMO_SLUG, name: 'Demo', icon: '🎬', switch: true })
    await addProfiles(context)
    const ids = new Map<string, string>()
    for (const { key, parents = [], ...task } of TASKS) {
      const parentIds = parents.flatMap((parent) => ids.get(parent) ?? [])
      const made = await context.call('task.create', {
        ...task,
        board: DEMO_SLUG,
        parents: parentIds,
        idempotency_key: `demo-${key}`,
      })
      ids.set(key, made.task.id)
    }
    return { board: DEMO_SLUG, tasks: [...ids.values()] }
  },
} satisfies Partial<AppHandlers>

/**
 * Copies a script of the demo into the home, where a shell can read it. The packaged app keeps its own copy in an
 * archive, which may disappear with the app.
 *
 * @returns its absolute path
 */
function placeScript(home: string, script: string): string {
  const path = join(home, 'demo', script)
  const text = readFileSync(join(applicationRoot(), 'demo', script), 'utf8')
  if (readFileIfThere(path) !== text) writeFileAtomic(path, text)
  return path
}

async function addProfiles({ services }: AppContext): Promise<void> {
  for (const [name, { script, ...fields }] of Object.entries(PROFILES)) {
    const command = ['/bin/sh', placeScript(services.home, String(script))]
    await services.config.changeProfile(name, (before) => ({ ...fields, ...before, command }))
  }
}
