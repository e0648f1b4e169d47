import { runInNewContext } from 'node:vm'
import { parseAst } from 'vite'
import { describe, expect, it } from 'vitest'
import { withLazyRequires } from './lazy-requires.ts'

/** What a file does when it is run: the modules it loads, in order, and what it exports. */
function run(code: string) {
  const loaded: string[] = []
  const load = (name: string) => {
    loaded.push(name)
    return { name, Made: Map, default: { name } }
  }
  const exported: Record<string, unknown> = {}
  runInNewContext(withLazyRequires(code, parseAst(code)), { require: load, exports: exported })
  return { loaded, exported }
}

describe('a file of the build', () => {
  it('loads a module when it is first used, and only once', () => {
    const { loaded, exported } = run(`
      let used = require('./used');
      let unused = require('./unused');
      exports.nameOf = () => used.name + used.name;`)

    expect(loaded).toEqual([])
    expect((exported['nameOf'] as () => string)()).toBe('./used./used')
    expect(loaded).toEqual(['./used'])
  })

  it('loads at once what its own statements use, such as the class that one extends', () => {
    const { loaded } = run(`
      let base = require('./base');
      let made = require('./made');
      class Own extends base.Made {}
      new made.Made();`)

    expect(loaded).toEqual(['./base', './made'])
  })

  it('wraps the module as the bundler does', () => {
    const { loaded, exported } = run(`
      let helper = require('./helper');
      helper.wrap = (module) => module.default;
      let made = require('./made');
      made = helper.wrap(made, 1);
      exports.name = () => made.name;`)

    expect(loaded).toEqual(['./helper'])
    expect((exported['name'] as () => string)()).toBe('./made')
  })

  it('leaves properties of the same name, and a name that is declared again within', () => {
    const { loaded, exported } = run(`
      let buffer = require('buffer');
      let os = require('os');
      exports.own = () => { const buffer = 1; return { buffer, os: 2 }.buffer };`)

    expect(loaded).toEqual(['buffer'])
    expect((exported['own'] as () => number)()).toBe(1)
  })

  it('keeps the numbers of its lines', () => {
    const code = `'use strict';\nlet a = require('./a');\na = wrap(a);\nconst wrap = 1;\n`
    expect(withLazyRequires(code, parseAst(code)).split('\n')).toHaveLength(code.split('\n').length)
  })
})
