import { z } from 'zod'
import { lazily } from './lazily.ts'
import { END_STATES, JOIN_RULES, WORKFLOW_LIMITS } from './workflow-kinds.ts'
import { WORKSPACE_KINDS } from './states.ts'
import { CAPABILITIES } from './profile-rows.ts'

/**
 * The file format of workflows. This schema is the only source: the reader, the JSON Schema for editors and the
 * reference in docs/workflow-file.md are made from it. An unknown key is an error, so that no key is accepted
 * and then ignored.
 */

const KEY = /^[a-z][a-z0-9_]{0,39}$/
const key = (what: string) =>
  z
    .string({ error: `expected the ${what}` })
    .refine((value) => value !== 'constructor', { error: `${what}: this name is taken` })
    .regex(KEY, { error: `${what}: use a–z, 0–9 and _, beginning with a letter, at most 40 characters` })

const templateName = lazily(() =>
  z
    .string({ error: 'expected the name' })
    .regex(/^[a-z][a-z0-9-]{0,59}$/, { error: 'name: use a–z, 0–9 and -, beginning with a letter' }),
)

const text = (most: number) => z.string().min(1, { error: 'must not be empty' }).max(most)
const list = <T extends z.ZodType>(item: T, most: number) =>
  z.array(item).min(1, { error: 'must name at least one' }).max(most)

export const INPUT_TYPES = ['string', 'text', 'int', 'bool', 'choice', 'list', 'path', 'profile'] as const

const input = lazily(() =>
  z
    .strictObject({
      type: z.enum(INPUT_TYPES).describe('The kind of value'),
      required: z.boolean().default(false).describe('Whether a start without it is refused'),
      default: z
        .union([z.string(), z.int(), z.boolean(), z.array(z.string())])
        .optional()
        .describe('The value when none is given'),
      choices: list(z.string(), 100).optional().describe('The values of a `choice`'),
      title: text(200).optional().describe('What people see instead of the name'),
    })
    .meta({ id: 'WorkflowInput' }),
)

const role = lazily(() =>
  z
    .strictObject({
      capability: z.enum(CAPABILITIES).optional().describe('A capability that the profile must have'),
      profile: text(100).optional().describe('The profile, unless the start names another'),
      not_same_as: key('role').optional().describe('A role that must have a different profile'),
    })
    .meta({ id: 'WorkflowRole' }),
)

const edge = lazily(() =>
  z
    .union([
      key('step').transform((to) => ({ to, max_rounds: null as number | null })),
      z.strictObject({
        to: key('step'),
        max_rounds: z
          .int({ error: 'max_rounds must be a whole number' })
          .min(1, { error: 'max_rounds must be at least 1' })
          .max(WORKFLOW_LIMITS.rounds)
          .nullable()
          .default(null)
          .describe('How often this way may be taken in one walk; every loop needs it'),
      }),
    ])
    .describe('The next step; with `max_rounds` for a way that leads back'),
)

const on = lazily(() => z.record(key('verdict'), edge()).describe('Which step follows each verdict'))

const base = lazily(() => ({
  key: key('step').describe('The name of the step, unique in the file'),
  stage: text(60).optional().describe('The part of the work that it belongs to; several steps may share one'),
  title: text(200).optional().describe('What people see instead of the key'),
}))
const declared = lazily(() =>
  list(key('verdict'), 20).optional().describe('The verdicts of this step, instead of the usual ones'),
)
const jsonSchema = lazily(() => z.record(z.string(), z.unknown()))

/** Optional without a default, so that the digest of a version without this key stays the same. */
const session = lazily(() =>
  z
    .string({ error: 'expected “new” or “resume STEP”' })
    .regex(/^(?:new|resume [a-z][a-z0-9_]{0,39})$/, { error: 'session is “new” or “resume STEP”' })
    .describe(
      'The session of the agent on a new visit. `new` (the default): a fresh one. `resume STEP`: continue the session of the last attempt of that work step, which may be this step. Further attempts within a visit follow the rules of a retry',
    ),
)

const work = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('work'),
      role: key('role').optional().describe('The role that does the step'),
      profile: text(100).optional().describe('The profile that does the step, instead of a role'),
      model: text(200).optional(),
      prompt: text(100_000).describe(
        'The instructions for the worker. May contain {{inputs.…}} and {{steps.KEY.…}}',
      ),
      workspace: z
        .enum(['own', 'read-only', 'fresh'])
        .default('own')
        .describe(
          '`read-only`: a report is refused while files in the git worktree differ from when the run began. `fresh`: a new worktree of the work as it is, without ignored files; after the run it goes to the trash, with everything written there',
        ),
      session: session().optional(),
      verdicts: declared(),
      metadata: jsonSchema().optional().describe('JSON Schema that the metadata of the report must match'),
      max_retries: z.int().min(1).max(100).optional().describe('Failed attempts in a row until it gives up'),
      on: on(),
    })
    .meta({ id: 'WorkflowWorkStep' }),
)

const check = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('check'),
      run: text(10_000).optional().describe('The command, run by the shell in the workspace of the card'),
      use: z.literal('verify_command').optional().describe('Run the verify command of the card instead'),
      timeout: z.int().min(1).max(86_400).default(1800).describe('Seconds until it is stopped'),
      once: z
        .literal(true, { error: 'once is true or left out' })
        .optional()
        .describe(
          'Do not run the check again for work that it has passed for in this walk: the verdict is `passed` at once. It runs for other work, and after *go to*',
        ),
      verdicts: declared(),
      on: on(),
    })
    .meta({ id: 'WorkflowCheckStep' }),
)

const approve = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('approve'),
      question: text(2000).describe('The question to the person. May contain {{…}}'),
      choose: key('step')
        .optional()
        .describe(
          'A map step: the person chooses one of its items, which steps.KEY.metadata.item then names',
        ),
      show: list(text(200), 20).optional().describe('References whose values are shown with the question'),
      edit: text(200)
        .optional()
        .describe(
          'A list that the person may edit before approving: steps.KEY.metadata.NAME of an earlier step. Later steps read it as NAME of this step',
        ),
      form: jsonSchema()
        .optional()
        .describe(
          'JSON Schema of the form that the person fills in. The default of a field may contain {{…}}. Later steps read the fields as metadata of this step',
        ),
      on: on(),
    })
    .meta({ id: 'WorkflowApproveStep' }),
)

const reference = lazily(() => text(200))
const scalar = lazily(() => z.union([z.string(), z.number(), z.boolean(), z.null()]))
/** `any`, `all` and `not` hold further conditions. */
export type Condition =
  | { equal: [string, string | number | boolean | null] }
  | { in: [string, (string | number | boolean | null)[]] }
  | { exists: string }
  | { any: Condition[] }
  | { all: Condition[] }
  | { not: Condition }
const condition: () => z.ZodType<Condition> = lazily(() =>
  z.lazy(() =>
    z.union(
      [
        z.strictObject({ equal: z.tuple([reference(), scalar()]) }),
        z.strictObject({ in: z.tuple([reference(), z.array(scalar()).min(1).max(100)]) }),
        z.strictObject({ exists: reference() }),
        z.strictObject({ any: z.array(condition()).min(1).max(50) }),
        z.strictObject({ all: z.array(condition()).min(1).max(50) }),
        z.strictObject({ not: condition() }),
      ],
      { error: 'expected one of equal, in, exists, any, all, not' },
    ),
  ),
)

const decide = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('decide'),
      rules: list(z.strictObject({ verdict: key('verdict'), when: condition() }), 50).describe(
        'The first rule whose condition holds gives the verdict',
      ),
      otherwise: key('verdict').describe('The verdict when no rule holds'),
      on: on(),
    })
    .meta({ id: 'WorkflowDecideStep' }),
)

/** The work for one item: a work step without a key and ways, because its card has only this one step. */
const itemWork = lazily(() =>
  z
    .strictObject({
      role: key('role').optional().describe('The role that does the work'),
      profile: text(100)
        .optional()
        .describe('The profile that does the work, instead of a role. May be {{item}} or {{item.NAME}}'),
      model: text(200).optional(),
      prompt: text(100_000).describe(
        'The instructions for the worker. May contain {{item}}, {{item.NAME}} and all other references',
      ),
      workspace: z
        .enum(['own', 'read-only'])
        .default('own')
        .describe(
          '`own`: in a worktree, each item works on a branch of its own, and the branches are joined at the end',
        ),
      metadata: jsonSchema().optional().describe('JSON Schema that the metadata of the report must match'),
      max_retries: z.int().min(1).max(100).optional().describe('Failed attempts in a row until it gives up'),
    })
    .meta({ id: 'WorkflowItemWork' }),
)

const fieldName = lazily(() =>
  z
    .string({ error: 'expected the name of a field' })
    .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,79}$/, { error: 'expected the name of a field' }),
)

const map = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('map'),
      over: text(200).describe('The list: inputs.NAME, or steps.KEY.metadata.NAME of an earlier step'),
      item_key: fieldName()
        .optional()
        .describe(
          'The field with the key of an item. Without it, a text is its own key, and other items are numbered',
        ),
      after: fieldName()
        .optional()
        .describe('The field of an item that lists the keys of the items that must be done before it'),
      do: z
        .union([templateName(), itemWork()], { error: 'expected the name of a workflow, or a work step' })
        .describe('The work for each item: the name of a workflow, or a work step'),
      with: z
        .record(key('input'), z.union([text(100_000), z.int(), z.boolean(), z.array(z.string()).max(1000)]))
        .optional()
        .describe(
          'With a workflow: values of its inputs. Texts may contain references, {{item}} and {{item.NAME}}',
        ),
      project: text(4096)
        .optional()
        .describe(
          'The absolute path of the project folder that an item works in, instead of that of the board. May contain {{item}}, {{item.NAME}}, {{inputs.NAME}} and what a person has answered. Each item gets a worktree there; with `workspace: dir` in the file that describes its work, the folder itself. Branches there are not joined',
        ),
      max_parallel: z
        .int()
        .min(1)
        .max(WORKFLOW_LIMITS.items)
        .optional()
        .describe('How many items run at once, at most'),
      max_items: z
        .int()
        .min(1)
        .max(WORKFLOW_LIMITS.items)
        .default(100)
        .describe('A longer list blocks the card; it is never cut'),
      join: z
        .enum(JOIN_RULES)
        .default('all_done')
        .describe(
          'Both wait for all items. `all_done`: `some_failed` when one has failed. `all_success`: also when a person let one go',
        ),
      // Optional without a default: definitions are stored as they are read, and their digests must stay the same.
      verify: z
        .literal(true, { error: 'verify is true or left out' })
        .optional()
        .describe(
          'Run the verify command of the card after the branch of each item is joined. An item whose branch fails is sent back',
        ),
      on: on(),
    })
    .meta({ id: 'WorkflowMapStep' }),
)

const merge = lazily(() =>
  z
    .strictObject({
      ...base(),
      kind: z.literal('merge'),
      verify: z
        .boolean()
        .default(false)
        .describe('Run the verify command of the card first; adds the verdict `check_failed`'),
      of: key('step')
        .optional()
        .describe(
          'An approve step with `choose`: join the branch of the chosen item into that of the card, instead of merging the card',
        ),
      on: on(),
    })
    .meta({ id: 'WorkflowMergeStep' }),
)

const end = lazily(() =>
  z
    .strictObject({ ...base(), kind: z.literal('end'), state: z.enum(END_STATES) })
    .meta({ id: 'WorkflowEndStep' }),
)

export const step = lazily(() =>
  z.discriminatedUnion('kind', [work(), check(), approve(), decide(), map(), merge(), end()]),
)

export const workflowFile = lazily(() =>
  z
    .strictObject({
      runboard: z.literal(1, { error: 'runboard must be 1, the version of the format' }),
      name: templateName(),
      title: text(200),
      inputs: z.record(key('input'), input()).default({}),
      roles: z.record(key('role'), role()).default({}),
      workspace: z
        .enum(WORKSPACE_KINDS)
        .optional()
        .describe('The kind of workspace for a card that has no workspace yet'),
      limits: z
        .strictObject({
          max_runtime_hours: z
            .number()
            .positive()
            .max(10_000)
            .describe(
              'Maximum working hours of one walk, without the time at questions and at maps, whose items have limits of their own; checked when a step ends. Then the card waits for a person',
            ),
        })
        .optional(),
      steps: z
        .array(step())
        .min(2, { error: 'needs at least one step and an end' })
        .max(WORKFLOW_LIMITS.steps),
    })
    .meta({ id: 'Workflow' }),
)

export type WorkflowDefinition = z.infer<ReturnType<typeof workflowFile>>
export type WorkflowStep = WorkflowDefinition['steps'][number]
export type StepOf<K extends WorkflowStep['kind']> = Extract<WorkflowStep, { kind: K }>
