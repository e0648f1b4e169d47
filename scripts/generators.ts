/** A generated file of the project. It is committed, and `npm run check` keeps it up to date. */
export interface Generator {
  /** Path from the project's root. */
  file: string
  content: () => string | Promise<string>
}

/** To add a generated file, add its entry here. */
export const generators: Generator[] = [
  { file: 'docs/cli.md', content: async () => (await import('../doors/cli/reference.ts')).cliReference() },
  { file: 'migrations/schema.sql', content: async () => (await import('./generate/schema.ts')).schemaDump() },
  {
    file: 'migrations/checksums.json',
    content: async () => (await import('./generate/checksums.ts')).migrationChecksums(),
  },
  {
    file: 'contract/operations/places.ts',
    content: async () => (await import('./generate/places.ts')).operationPlaces(),
  },
  { file: 'docs/states.md', content: async () => (await import('./generate/states.ts')).statesDocument() },
  { file: 'docs/events.md', content: async () => (await import('./generate/events.ts')).eventsDocument() },
  {
    file: 'docs/workflow-file.md',
    content: async () => (await import('./generate/workflow-file.ts')).workflowReference(),
  },
  {
    file: 'docs/workflow.schema.json',
    content: async () =>
      `${JSON.stringify((await import('./generate/workflow-file.ts')).workflowSchema(), null, 2)}\n`,
  },
  {
    file: 'docs/openapi.json',
    content: async () =>
      `${JSON.stringify(await (await import('../doors/http/openapi.ts')).openApiDocument(), null, 2)}\n`,
  },
]
