/** A file of the project that is made from its sources. It is committed, and `npm run check` holds it up to date. */
export interface Generator {
  /** Path from the project's root. */
  file: string
  content: () => string | Promise<string>
}

/** Add a generated file by adding its entry here. */
export const generators: Generator[] = [
  { file: 'docs/cli.md', content: async () => (await import('../doors/cli/reference.ts')).cliReference() },
  { file: 'migrations/schema.sql', content: async () => (await import('./generate/schema.ts')).schemaDump() },
  { file: 'docs/states.md', content: async () => (await import('./generate/states.ts')).statesDocument() },
  { file: 'docs/events.md', content: async () => (await import('./generate/events.ts')).eventsDocument() },
  {
    file: 'docs/openapi.json',
    content: async () =>
      `${JSON.stringify(await (await import('../doors/http/openapi.ts')).openApiDocument(), null, 2)}\n`,
  },
]
