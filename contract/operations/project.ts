import { z } from 'zod'
import { lazily } from '../lazily.ts'
import { declareOperations, type OperationDeclaration } from '../operation.ts'
import { optionalText, requiredText } from '../values.ts'
import { boardField } from './shared.ts'

/** Maximum files that a search in a project folder returns. */
const MOST_FILES = 100

const projectFacts = lazily(() =>
  z.object({
    path: z.string().describe('Absolute, with ~ replaced by the home folder of the user'),
    problem: z.string().nullable().describe('Why it cannot be the project folder of a board'),
    branch: z
      .string()
      .nullable()
      .describe('The branch that its repository has checked out; null without one'),
    workspace: z
      .enum(['worktree', 'scratch'])
      .describe('The workspace of tasks that name none, if the board sets no default'),
    boards: z.array(z.string()).describe('The boards that work on this folder'),
  }),
)

/** Operations on the folder of a board: describing it before the board exists, and searching its files. */
export const projectOperations = declareOperations({
  'project.look': {
    summary: 'Describe a folder as the project of a board; changes nothing',
    kind: 'read',
    scope: 'app',
    input: () => z.strictObject({ path: requiredText('path', 4096) }),
    output: () => z.object({ project: projectFacts() }),
    errors: [],
    worker: 'never',
    http: { method: 'GET', path: '/project' },
  },

  'project.files': {
    summary: 'Find files of the board’s project by a part of their path',
    kind: 'read',
    scope: 'board',
    input: () =>
      z.strictObject({
        ...boardField(),
        q: optionalText('q', 500).describe('Letters that must occur in the path in this order, in any case'),
        limit: z
          .int({ error: `limit must be a whole number from 1 to ${MOST_FILES}` })
          .min(1)
          .max(MOST_FILES)
          .default(20),
      }),
    output: () =>
      z.object({ files: z.array(z.string()).describe('Relative to the project folder, best first') }),
    errors: ['CONFLICT'],
    worker: 'any',
    http: { method: 'GET', path: '/project/files' },
  },
} as const satisfies Record<string, OperationDeclaration>)
