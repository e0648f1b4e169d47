import { writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { COMMIT, makeRepository, type Repository } from '../testing/repository.ts'
import { temporaryFolder } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'

/** The shipped workflows of one card, each to every end, with worker processes that report by script. */

let bundle: WorkerSetup
let repository: Repository

/**
 * For each step, the shell lines before its report, and its reports: one for each visit, and the last one for all later
 * visits.
 */
interface Script {
  does?: string
  says?: Record<string, unknown>[]
}
/** The answers of a person at a step: one for each visit, and the last one for all later visits. */
type Answers = Record<string, Record<string, unknown>[]>

const WRITE = `echo "$n" >> "$RUNBOARD_STEP.txt"; git add --all; ${COMMIT} "$RUNBOARD_STEP $n"`

beforeEach(async () => {
  bundle = await setupWorkers({ inMemory: true })
  repository = makeRepository(temporaryFolder())
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: repository.folder } })
  const at = `${bundle.shared}/$RUNBOARD_STEP`
  const line = [
    `n=$(( $(cat "${at}.n" 2>/dev/null || echo 0) + 1 )); echo $n > "${at}.n"`,
    `if [ -e "${at}.sh" ]; then . "${at}.sh"; fi`,
    `f="${at}.$n.json"; [ -e "$f" ] || f="${at}.json"`,
    `runboard complete "$(cat "$f" 2>/dev/null || echo '{}')"`,
  ].join('; ')
  await bundle.profile('maker', line, { capabilities: ['worker', 'planner'] })
  await bundle.profile('judge', line, { capabilities: ['reviewer'] })
}, 60_000)

/** Walks a new card through a workflow. @returns its end, and its steps with their verdicts */
async function walked(
  name: string,
  inputs: Record<string, unknown>,
  given: {
    roles: Record<string, string>
    verify?: string
    steps?: Record<string, Script>
    answers?: Answers
  },
  between: (step: string) => void = () => undefined,
): Promise<{ end: string | null; visits: string[] }> {
  for (const [step, { does, says = [] }] of Object.entries(given.steps ?? {})) {
    if (does !== undefined) writeFileSync(bundle.path(`${step}.sh`), does)
    for (const [index, report] of says.entries()) {
      const last = index === says.length - 1
      writeFileSync(bundle.path(last ? `${step}.json` : `${step}.${index + 1}.json`), JSON.stringify(report))
    }
  }
  const { id } = await bundle.create({ title: name, verify_command: given.verify ?? 'true' })
  await bundle.call('workflow.start', { id, name, inputs: inputs as never, roles: given.roles })
  const asked = new Map<string, number>()
  for (let left = 20; left > 0; left -= 1) {
    await bundle.drain()
    const { block_reason, current_step_key, status } = await bundle.task(id)
    if (status === 'done') break
    expect({ status, block_reason }).toEqual({ status: 'review', block_reason: null })
    const step = current_step_key ?? ''
    between(step)
    const answers = given.answers?.[step] ?? [{}]
    const nth = asked.get(step) ?? 0
    asked.set(step, nth + 1)
    await bundle.call('task.approve', { id, ...answers[Math.min(nth, answers.length - 1)] })
  }
  const { walks } = await bundle.call('task.walk', { id })
  const [walk] = walks
  return {
    end: walk?.end ?? null,
    visits: (walk?.visits ?? []).map(({ step, verdict }) => `${step} ${verdict ?? ''}`),
  }
}

const findings = (what?: string) => ({ findings: what === undefined ? [] : [{ file: 'a', what }] })
/** A check that fails the first time. */
const failsOnce = () =>
  `[ -e '${bundle.path('passes')}' ] || { touch '${bundle.path('passes')}'; echo broken; exit 1; }`

const REVIEWED = {
  says: [
    { verdict: 'changes', metadata: findings('untested'), summary: 'Test it' },
    { verdict: 'accept', metadata: findings() },
  ],
}

describe('feature', () => {
  const roles = { planner: 'maker', builder: 'maker', reviewer: 'judge' }
  const plan = { says: [{ metadata: { plan: 'So', acceptance: ['It works'] } }] }
  const steps = {
    plan,
    implement: { does: `echo mine > shared.txt; ${WRITE}` },
    fix: { does: WRITE },
    review: REVIEWED,
    untangle: { does: `git ${'-c user.name=Test -c user.email=test@example.com'} merge -q -X ours main` },
  }

  it('is shipped after a failed test, a review and a conflict', async () => {
    let isMoved = false
    const given = {
      roles,
      verify: failsOnce(),
      steps,
      answers: { agree: [{ verdict: 'changes', note: 'More' }, {}] },
    }
    const { end, visits } = await walked('feature', { goal: 'A door' }, given, (step) => {
      if (step !== 'sign_off' || isMoved) return
      isMoved = true
      repository.commit('shared.txt', 'theirs')
    })
    expect(end).toBe('shipped')
    for (const visit of [
      'agree changes',
      'test failed',
      'review changes',
      'merge conflict',
      'untangle done',
      'merge merged',
    ])
      expect(visits).toContain(visit)
    expect(repository.read('shared.txt')).toBe('mine\n')
  }, 300_000)

  it('is dropped when a person rejects the plan, or the work', async () => {
    const rejected = [{ verdict: 'rejected' }]
    expect(
      await walked('feature', { goal: 'A' }, { roles, steps, answers: { agree: rejected } }),
    ).toMatchObject({
      end: 'dropped',
    })
    expect(
      await walked('feature', { goal: 'B' }, { roles, steps, answers: { sign_off: rejected } }),
    ).toMatchObject({ end: 'dropped' })
  }, 300_000)
})

describe('bug', () => {
  const roles = { builder: 'maker', reviewer: 'judge' }
  const real = { verdict: 'real', metadata: { finding: 'It is so', test: 'a.test' } }
  const info = { verdict: 'needs_info', metadata: { finding: 'Which version?' } }
  const report = { report: 'It breaks' }

  it('is fixed and merged, after a request for more information', async () => {
    const steps = {
      reproduce: { does: WRITE, says: [info, real] },
      mend: { does: WRITE },
      fix: { does: WRITE },
      review: REVIEWED,
    }
    const { end, visits } = await walked('bug', report, { roles, steps, verify: failsOnce() })
    expect(end).toBe('mended')
    for (const visit of ['ask approved', 'test failed', 'review changes', 'merge merged'])
      expect(visits).toContain(visit)
  }, 300_000)

  it('is answered when it is not a bug, and dropped when nobody gives more information', async () => {
    const none = { reproduce: { says: [{ verdict: 'not_a_bug', metadata: { finding: 'It must' } }] } }
    expect(await walked('bug', report, { roles, steps: none })).toMatchObject({ end: 'answered' })
    const answers = { ask: [{ verdict: 'rejected' }] }
    const steps = { reproduce: { says: [info] } }
    expect(await walked('bug', report, { roles, steps, answers })).toMatchObject({ end: 'dropped' })
  }, 300_000)
})

describe('research', () => {
  const roles = { reader: 'maker', sceptic: 'judge' }
  const steps = {
    outline: { says: [{ metadata: { questions: ['Why?', 'How?'] } }] },
    read: { says: [{ metadata: { answers: [{ question: 'Why?', answer: 'So', source: 'a' }] } }] },
    doubt: {
      says: [
        { verdict: 'gaps', metadata: { gaps: ['How?'] }, summary: 'One is missing' },
        { verdict: 'sound', metadata: { gaps: [] } },
      ],
    },
    write: { says: [{ summary: 'The report' }] },
  }
  const question = { question: 'What is it?' }

  it('is reported, with the questions that a person edited, after gaps', async () => {
    const answers = { agree: [{ edit: ['Why?', 'Since when?'] }] }
    const { end, visits } = await walked('research', question, { roles, steps, answers })
    expect(end).toBe('reported')
    expect(visits).toContain('doubt gaps')
    const [task] = (await bundle.call('task.list', {})).tasks
    const read = (await bundle.runs(task?.id ?? '')).find(({ step_key }) => step_key === 'read')
    const { context } = await bundle.call('run.show', { id: read?.id ?? 0 })
    expect(context).toContain('Since when?')
  }, 300_000)

  it('is dropped at the questions, or at the report', async () => {
    for (const step of ['agree', 'sign_off'])
      expect(
        await walked('research', question, { roles, steps, answers: { [step]: [{ verdict: 'rejected' }] } }),
      ).toMatchObject({ end: 'dropped' })
  }, 300_000)
})

describe('nightly', () => {
  const roles = { builder: 'maker' }
  const steps = { mend: { does: WRITE } }

  it('is quiet when the checks pass', async () => {
    expect(await walked('nightly', {}, { roles })).toEqual({ end: 'quiet', visits: ['checks passed'] })
  }, 300_000)

  it('merges the fix that a person approves, and drops another', async () => {
    expect(await walked('nightly', {}, { roles, steps, verify: failsOnce() })).toMatchObject({
      end: 'mended',
    })
    const verify = `[ -e '${bundle.path('again')}' ] || { touch '${bundle.path('again')}'; exit 1; }`
    const answers = { morning: [{ verdict: 'rejected' }] }
    expect(await walked('nightly', {}, { roles, steps, verify, answers })).toMatchObject({ end: 'dropped' })
  }, 300_000)
})

describe('release', () => {
  const roles = { writer: 'maker' }
  const steps = {
    mend: { does: WRITE },
    notes: { says: [{ metadata: { version: '2.0', notes: 'New' } }] },
    prepare: { does: `echo 2.1 > version.txt; ${WRITE}` },
  }
  const inputs = () => ({
    version: '2.0',
    build: `printf %s "$RUNBOARD_STEP_CONFIRM_VERSION" > '${bundle.path('built')}'`,
    smoke: 'true',
  })

  it('is released in the version that a person confirms, after failed checks', async () => {
    const answers = { confirm: [{ form: { version: '2.1' } }] }
    const given = { roles, steps, answers, verify: failsOnce() }
    const { end, visits } = await walked('release', inputs(), given)
    expect(end).toBe('released')
    expect(visits).toContain('checks failed')
    expect(bundle.text('built')).toBe('2.1')
    expect(repository.read('version.txt')).toBe('2.1\n')
  }, 300_000)

  it('is dropped when a person rejects it', async () => {
    const answers = { confirm: [{ verdict: 'rejected' }] }
    expect(await walked('release', inputs(), { roles, steps, answers })).toMatchObject({ end: 'dropped' })
  }, 300_000)
})
