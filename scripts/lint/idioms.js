/** The rules of the plugin `idioms`: each allows one way to write a thing. eslint.config.js turns them on. */

/** A caught error is named `error`, unless that would shadow or capture another `error`. */
const caughtName = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => ({
    CatchClause(node) {
      if (node.param?.type !== 'Identifier' || node.param.name === 'error') return
      const scope = context.sourceCode.getScope(node)
      for (let outer = scope; outer; outer = outer.upper) if (outer.set.has('error')) return
      const inner = (within) => within.set.has('error') || within.childScopes.some(inner)
      const usesAnother = scope.through.some(({ identifier }) => identifier.name === 'error')
      if (usesAnother || inner(scope)) return
      context.report({ node: node.param, message: 'Name a caught error “error”.' })
    },
  }),
}

/** A unit test uses `it`; only Playwright's tests use `test`. */
const itNotTest = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => ({
    ImportSpecifier(node) {
      if (node.parent.source.value === 'vitest' && node.imported.name === 'test')
        context.report({ node, message: 'Import “it” from vitest, not “test”.' })
    },
  }),
}

export const idioms = { rules: { 'caught-name': caughtName, 'it-not-test': itNotTest } }
