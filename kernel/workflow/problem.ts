/** Where something is in a workflow file: keys and indexes from the top. */
export type Path = (string | number)[]

/** A mistake in a definition, and where it is in the file. */
export interface Problem {
  path: Path
  message: string
}
