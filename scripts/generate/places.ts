import { declaredByFile } from '../../contract/index.ts'

/** @returns the list of operations by which one of them is found, and the verb of the command line, without loading all */
export function operationPlaces(): string {
  const lines = declaredByFile().flatMap(([file, declared]) =>
    Object.entries(declared).map(([name, { cli }]) => {
      const place = { file, verb: cli?.verb ?? null, view: cli?.view ?? null }
      return `  ${JSON.stringify(name)}: ${JSON.stringify(place)},`
    }),
  )
  return [
    '// Made from the declarations by `npm run generate`.',
    '',
    '/** Where each operation is declared, and its verb and view on the command line. */',
    'export const PLACES = {',
    ...lines,
    '} as const',
    '',
  ].join('\n')
}
