import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { jsonListNamed, jsonObject, jsonObjectNamed, optionalText, TEXT_LIMITS } from '../values.ts'
import { END_STATES, ITEM_STATES, STEP_KINDS, TEMPLATE_SOURCES, WORKFLOW_LIMITS } from '../workflow-kinds.ts'
import { asked } from './asked.ts'
import { boardField } from './shared.ts'

/** Operations on workflow templates, and the list of all walks. Those on the walk of one card are in walks.ts. */

export const workflowName = lazily(() =>
  z
    .string({ error: 'expected the name of a workflow' })
    .trim()
    .regex(/^[a-z][a-z0-9-]{0,59}$/, { error: 'name: use a–z, 0–9 and -, beginning with a letter' })
    .describe('Name of the workflow'),
)
const version = lazily(() => z.int({ error: 'version must be a whole number' }).min(1).optional())
export const verdict = lazily(() =>
  z
    .string({ error: 'expected a verdict' })
    .trim()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, { error: 'verdict: use a–z, 0–9 and _, beginning with a letter' }),
)
/** The maximum here only bounds the input: the reader of the file checks the exact size, and reports it as a mistake. */
const text = lazily(() =>
  z
    .string({ error: 'expected the text of the file' })
    .min(1, { error: 'the file is empty' })
    .max(WORKFLOW_LIMITS.file_bytes + 1)
    .describe('The file, as YAML'),
)
const problem = lazily(() => z.object({ line: z.int(), column: z.int(), message: z.string() }))

const listed = lazily(() =>
  z.object({
    name: z.string(),
    title: z.string().nullable(),
    source: z.enum(TEMPLATE_SOURCES),
    path: z.string().nullable(),
    /** The version number of the file as it is now; null until a card is started on it. */
    version: z.int().nullable(),
    digest: z.string().nullable(),
    /** Whether a start may run its commands. */
    trusted: z.boolean(),
    /** Places with a file of the same name that this one hides. */
    shadows: z.array(z.enum(TEMPLATE_SOURCES)),
    problems: z.array(problem()),
    /** Number of walks on this board, on any version: open; ended in success; ended at all. */
    running: z.int(),
    succeeded: z.int(),
    ended: z.int(),
    /** How long its newest ended walks took, and how often they went back, together; null before the first. */
    took: z.object({ walks: z.int(), p50_ms: z.int(), p90_ms: z.int(), rounds: z.int() }).nullable(),
  }),
)

/** What a step runs, a command or a prompt, for a person who decides whether to trust the workflow. */
const command = lazily(() => z.object({ step: z.string(), kind: z.enum(STEP_KINDS), runs: z.string() }))

/** A step as it is shown, with the ways that leave it. */
export const shownStep = lazily(() =>
  z.object({
    key: z.string(),
    kind: z.enum(STEP_KINDS),
    stage: z.string().nullable(),
    title: z.string().nullable(),
    /** The role, profile or workflow that does it; null when Runboard or a person does. */
    who: z.string().nullable(),
    ways: z.array(z.object({ verdict: z.string(), to: z.string(), max_rounds: z.int().nullable() })),
  }),
)

export const workflowOperations = declareOperations({
  'workflow.list': {
    summary: 'List the workflows that a card can be started on, and where each comes from',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField() }),
    output: () => z.object({ workflows: z.array(listed()) }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/workflows' },
    cli: { verb: 'workflows list', view: 'workflows' },
    mcp: {
      tool: 'workflows',
      description: 'List the workflows that a card can be started on, and where each comes from.',
    },
  },
  'workflow.show': {
    summary: 'Show a workflow: its steps, the ways between them, and every command that it runs',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: workflowName(), version: version() }),
    output: () =>
      listed().extend({
        inputs: z.record(z.string(), jsonObject()),
        roles: z.record(z.string(), jsonObject()),
        steps: z.array(shownStep()),
        commands: z.array(command()),
        versions: z.array(z.object({ version: z.int(), digest: z.string(), created_at: z.int() })),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/workflows/{name}' },
    cli: {
      verb: 'workflows show',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [{ flag: '--version', value: 'N', field: 'version', parse: 'int' }],
      view: 'workflow',
    },
  },
  'workflow.check': {
    summary: 'Check a workflow file; each mistake is named with its line and column',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), file: text() }),
    output: () =>
      z.object({ name: z.string(), digest: z.string(), steps: z.int(), outline: z.array(shownStep()) }),
    errors: [],
    worker: 'any',
    http: { method: 'POST', path: '/workflows/check' },
    cli: {
      verb: 'workflows check',
      args: [{ name: 'FILE', field: 'file', parse: 'file' }],
      view: 'workflow-checked',
    },
  },
  'workflow.trust': {
    summary: 'Allow a workflow file of the project to run its commands, after you have read them',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        name: workflowName(),
        digest: z
          .string()
          .regex(/^[0-9a-f]{8,64}$/, { error: 'digest: at least eight hexadecimal digits' })
          .optional()
          .describe(
            'The digest of the version that you have read; without it the call fails and lists the commands',
          ),
      }),
    output: () => z.object({ name: z.string(), digest: z.string(), trusted: z.boolean() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/workflows/{name}/trust' },
    cli: {
      verb: 'workflows trust',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [{ flag: '--digest', value: 'D', field: 'digest' }],
      view: 'workflow-trusted',
    },
  },
  'workflow.add': {
    summary: 'Add a workflow file to the home, for all boards',
    kind: 'write',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        file: text(),
        replace: z.boolean().default(false).describe('Replace a file of the same name, which is moved aside'),
      }),
    output: () => z.object({ name: z.string(), digest: z.string(), path: z.string() }),
    errors: ['CONFLICT'],
    worker: 'never',
    http: { method: 'POST', path: '/workflows' },
    cli: {
      verb: 'workflows add',
      args: [{ name: 'FILE', field: 'file', parse: 'file' }],
      flags: [{ flag: '--replace', field: 'replace', parse: 'flag' }],
      view: 'workflow-added',
    },
  },
  'workflow.remove': {
    summary: 'Remove a workflow from the home; its file is kept aside, and cards on it continue',
    kind: 'write',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: workflowName() }),
    output: () => z.object({ name: z.string(), path: z.string() }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'never',
    http: { method: 'DELETE', path: '/workflows/{name}' },
    cli: { verb: 'workflows remove', args: [{ name: 'NAME', field: 'name' }], view: 'workflow-removed' },
  },
  'workflow.export': {
    summary: 'Print a workflow as a file',
    kind: 'read',
    scope: 'board',
    input: () => z.strictObject({ ...boardField(), name: workflowName(), version: version() }),
    output: () => z.object({ name: z.string(), file: z.string() }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/workflows/{name}/file' },
    cli: {
      verb: 'workflows export',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [{ flag: '--version', value: 'N', field: 'version', parse: 'int' }],
      view: 'workflow-file',
    },
  },
  'workflow.simulate': {
    summary: 'Walk through a workflow with given verdicts; nothing runs',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        name: workflowName(),
        version: version(),
        inputs: jsonObject().default({}),
        verdicts: z
          .array(
            z.union([
              verdict(),
              z.strictObject({ items: z.record(z.string(), z.enum(ITEM_STATES).exclude(['open'])) }),
              z.strictObject({
                verdict: verdict(),
                summary: optionalText('summary', TEXT_LIMITS.summary),
                metadata: jsonObject()
                  .nullish()
                  .transform((value) => value ?? null),
                form: jsonObjectNamed('form').optional(),
                edit: jsonListNamed('edit').optional(),
                head: z
                  .string()
                  .max(100)
                  .nullish()
                  .transform((value) => value ?? null),
              }),
            ]),
          )
          .max(100_000)
          .default([])
          .describe(
            'The result of each visited step, in order: a verdict alone, with an invented summary and metadata; or an object with verdict, summary, metadata, head, and for a question form and edit; or at a map step {items: {KEY: failed}}',
          ),
      }),
    output: () =>
      z.object({
        visits: z.array(
          z.object({ step: z.string(), visit: z.int(), verdict: z.string().nullable(), valid: z.boolean() }),
        ),
        /** How many of the given verdicts were used. */
        used: z.int(),
        /** The open step, and the verdicts that it may have; null and none at the end. */
        step: z.string().nullable(),
        verdicts: z.array(z.string()),
        end: z.object({ step: z.string(), state: z.enum(END_STATES) }).nullable(),
        /** Why it waits for a person, as a sentence; null when it does not. */
        waits: z.string().nullable(),
        /** At a map step, the keys of its items. */
        items: z.array(z.string()),
        /** The project folder of each of these items; null for that of the board. */
        projects: z.array(z.string().nullable()),
        /** At an approve step, what a person is asked. */
        asks: asked().nullable(),
      }),
    errors: ['NOT_FOUND', 'CONFLICT'],
    worker: 'any',
    http: { method: 'POST', path: '/workflows/{name}/simulate' },
    cli: {
      verb: 'workflows simulate',
      args: [{ name: 'NAME', field: 'name' }],
      flags: [
        { flag: '--verdicts', value: 'FILE|-', field: 'verdicts', parse: 'json-file' },
        { flag: '--input', value: 'K=V', field: 'inputs', parse: 'pair', many: true },
      ],
      view: 'workflow-walk',
    },
  },
  'workflow.diff': {
    summary: 'Show what changed between two versions of a workflow',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        name: workflowName(),
        from: z.int({ error: 'from must be a whole number' }).min(1),
        to: z.int({ error: 'to must be a whole number' }).min(1),
      }),
    output: () =>
      z.object({
        name: z.string(),
        from: z.int(),
        to: z.int(),
        changes: z.array(
          z.object({ path: z.string(), before: z.json().nullable(), after: z.json().nullable() }),
        ),
      }),
    errors: ['NOT_FOUND'],
    worker: 'any',
    http: { method: 'GET', path: '/workflows/{name}/diff' },
    cli: {
      verb: 'workflows diff',
      args: [
        { name: 'NAME', field: 'name' },
        { name: 'V1', field: 'from', parse: 'int' },
        { name: 'V2', field: 'to', parse: 'int' },
      ],
      view: 'workflow-diff',
    },
  },
  'workflow.runs': {
    summary: 'List the walks of cards through workflows, newest first',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        name: workflowName().optional(),
        limit: z.int().min(1).max(1000).default(100),
      }),
    output: () =>
      z.object({
        walks: z.array(
          z.object({
            id: z.int(),
            task_id: z.string(),
            title: z.string(),
            workflow: z.string(),
            version: z.int(),
            step: z.string().nullable(),
            started_at: z.int(),
            ended_at: z.int().nullable(),
            end: z.string().nullable(),
            end_state: z.enum(END_STATES).nullable(),
          }),
        ),
      }),
    errors: [],
    worker: 'any',
    http: { method: 'GET', path: '/workflow-runs' },
    cli: {
      verb: 'workflows runs',
      args: [{ name: 'NAME', field: 'name', optional: true }],
      flags: [{ flag: '--limit', value: 'N', field: 'limit', parse: 'int' }],
      view: 'workflow-runs',
    },
  },
} as const satisfies Record<string, OperationDeclaration>)
