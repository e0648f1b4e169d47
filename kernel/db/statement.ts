/**
 * A named SQL text with the types of its parameters and rows. Prepared once per connection, on first use. The two
 * phantom fields carry types only; they never hold a value.
 */
export interface Statement<Params, Row> {
  readonly sql: string
  readonly params?: Params
  readonly row?: Row
}

function lateStatement(make: () => string): { readonly sql: string } {
  let sql: string | undefined
  return {
    get sql() {
      return (sql ??= make())
    },
  }
}

const declared: Statement<unknown, unknown>[] = []

/** @returns every statement of kernel/tables, for the test that prepares each on a fresh board */
export function declaredStatements(): readonly Statement<unknown, unknown>[] {
  return declared
}

/**
 * Declares a statement; kernel/tables is the only place for it.
 *
 * @param sql one SQL statement with named parameters (`:id`); as a function if its text needs a schema, which is not made
 *   before it is needed
 */
export function statement<Params extends object = Record<never, never>, Row = never>(
  sql: string | (() => string),
): Statement<Params, Row> {
  const made: Statement<Params, Row> = typeof sql === 'string' ? { sql } : lateStatement(sql)
  declared.push(made)
  return made
}
