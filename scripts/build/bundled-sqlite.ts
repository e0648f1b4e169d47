import type { Plugin } from 'vite'

/** What `lib/binding.js` says, and what it says when it is bundled. */
const CHANGES: readonly (readonly [string, string])[] = [
  ["path.join(__dirname, '..',", 'path.join(packageFolder(),'],
  ['return DEFAULT_ADDON = require(filename);', 'return DEFAULT_ADDON = load(filename);'],
  [
    'return DEFAULT_ADDON = require(getPrebuildPath() || filename);',
    'return DEFAULT_ADDON = load(getPrebuildPath() || filename);',
  ],
]

/** Node needs longer to find a package by its name, and to load a library by `require`, than to open a board. */
const HELPERS = `
function packageFolder() {
	const near = path.join(__dirname, '../../../node_modules/better-sqlite3');
	return fs.existsSync(near) ? near : path.dirname(require.resolve('better-sqlite3/package.json'));
}
function load(filename) {
	const library = { exports: {} };
	process.dlopen(library, filename);
	return library.exports;
}
`

/**
 * Lets the code of better-sqlite3 be bundled, which else are twelve files to find and read. The library itself stays in the
 * package.
 */
export function bundledSqlite(): Plugin {
  return {
    name: 'runboard:bundled-sqlite',
    transform: {
      filter: { id: /\/better-sqlite3\/lib\/binding\.js$/ },
      handler(code) {
        const missing = CHANGES.find(([from]) => !code.includes(from))
        if (missing !== undefined) this.error(`better-sqlite3 no longer says: ${missing[0]}`)
        return {
          code: CHANGES.reduce((text, [from, to]) => text.replaceAll(from, to), code) + HELPERS,
          map: null,
        }
      },
    },
  }
}
