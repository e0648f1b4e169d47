// Which folder may import which: one table, converted into the options of two ESLint rules. Imports between the
// project's folders are relative and end in `.ts`, so the path as written shows the target.
import { builtinModules } from 'node:module'

const FOLDERS = ['contract', 'formats', 'kernel', 'doors', 'electron', 'renderer', 'e2e', 'bench', 'scripts']

const KERNEL_OUTSIDE =
  'Only kernel/index.ts may be imported from outside kernel/. What others need is exported there, or is an operation of the contract.'

/**
 * The packages that the kernel may import, each with its reason; docs/decisions/kernel-imports.md has the rules for a
 * new one.
 */
const KERNEL_PACKAGES = {
  'better-sqlite3': 'the store; synchronous, so that a transaction is a plain function',
  yaml: 'reads workflow files, with the line and column of each mistake',
  'chrono-node': 'reads times in words, in which tools say when a rate limit ends',
  koffi: 'calls Windows and macOS for processes and jobs; loaded only there',
}

/** What a test may use in addition to what its folder may. */
const TEST_PACKAGES = ['vitest', 'fast-check', '@modelcontextprotocol/client']

/**
 * `folders` maps the folders that may be imported to the allowed part of each ('' = all of it), as the start of the
 * path inside that folder. `node`: whether `node:*` is available. `packages`: the npm packages that it may use.
 */
const DIRECTIONS = {
  contract: {
    folders: { formats: 'time\\.ts$' },
    packages: ['zod'],
    node: false,
    reason:
      'contract/ is the language and imports only zod, and how lengths of time are read from formats/. What needs the store or a process belongs in kernel/, what serves a caller in doors/.',
  },
  formats: {
    folders: {},
    types: { contract: '' },
    packages: [],
    node: false,
    reason:
      'formats/ reads text, for the kernel and the screens alike, and imports only types of contract/. What reads files belongs in kernel/, what is drawn in renderer/.',
  },
  kernel: {
    folders: { contract: '', formats: '' },
    packages: Object.keys(KERNEL_PACKAGES),
    node: true,
    reason: `kernel/ imports only contract/, formats/, node:* and ${Object.keys(KERNEL_PACKAGES).join(', ')}. What serves a caller belongs in doors/, what needs a window in electron/, a shape that others share in contract/.`,
  },
  doors: {
    folders: { contract: '', formats: '', kernel: 'index\\.ts$' },
    packages: ['zod', 'commander', '@orpc', '@modelcontextprotocol/server', '@agentclientprotocol/sdk'],
    node: true,
    reason:
      'doors/ imports only contract/, formats/, kernel/index.ts and the libraries that carry calls. Rules and data belong in kernel/, what needs a window in electron/.',
  },
  electron: {
    folders: { contract: '', formats: '', kernel: 'index\\.ts$', doors: 'ipc/' },
    packages: ['electron', 'electron-updater'],
    node: true,
    reason:
      'electron/ imports only doors/ipc/, kernel/index.ts, contract/, formats/ and electron. How a call is carried belongs in doors/, rules and data in kernel/, what is seen in renderer/.',
  },
  renderer: {
    // These files of contract/ are free of zod and are meant for the screens too; from the others only types may be
    // imported.
    folders: { contract: '(?:states|events|times|errors|blank-task)\\.ts$', formats: '' },
    types: { contract: '' },
    packages: null,
    node: false,
    reason:
      'renderer/ runs in a page and imports only types of contract/, its states, events, times, errors and blank task, formats/, and its own files. What needs Node, data or rules belongs in kernel/ and is called through the client.',
  },
  e2e: {
    // The tests of the desktop look for the icon on the screen.
    folders: { contract: '', kernel: 'index\\.ts$', electron: 'main/tray-icon\\.ts$' },
    packages: null,
    node: true,
    reason: KERNEL_OUTSIDE,
  },
  bench: {
    folders: { contract: '', kernel: 'index\\.ts$', doors: '', e2e: '' },
    packages: null,
    node: true,
    reason: KERNEL_OUTSIDE,
  },
}

const NOT_IN_A_PAGE = [
  'electron',
  'better-sqlite3',
  'commander',
  'zod',
  '@modelcontextprotocol',
  '@orpc/server',
]

/**
 * @param {keyof typeof DIRECTIONS} folder
 * @param {boolean} inTest whether the options are for test files, which may also use test packages and kernel/testing/
 * @returns {{ regex: string, message: string, allowTypeImports?: true }[]} the forbidden imports
 */
function forbidden(folder, inTest) {
  const direction = DIRECTIONS[folder]
  const message = direction.reason
  const found = []
  for (const other of FOLDERS) {
    if (other === folder) continue
    const parts = [direction.folders[other], inTest && other === 'kernel' ? 'testing/' : undefined]
    const open = parts.filter((part) => part !== undefined)
    const rest = open.length === 0 ? '' : `(?!${open.join('|')})`
    const reason = other === 'kernel' && 'kernel' in direction.folders ? KERNEL_OUTSIDE : message
    const typesToo = direction.types?.[other] === undefined
    found.push({
      regex: `^(?:\\.\\./)+${other}/${rest}`,
      message: reason,
      ...(typesToo ? {} : { allowTypeImports: true }),
    })
  }
  const node = direction.node || inTest ? '(?!node:)' : ''
  if (direction.packages !== null) {
    const packages = [...direction.packages, ...(inTest ? TEST_PACKAGES : [])].join('|')
    found.push({ regex: `^(?!\\.)${node}(?!(?:${packages})(?:/|$))`, message })
  } else if (!direction.node && !inTest) {
    const names = ['node:.*', ...builtinModules, ...NOT_IN_A_PAGE].join('|')
    found.push({ regex: `^(?:${names})(?:/|$)`, message })
  }
  return found
}

/** no-restricted-imports does not check `import()`; a regex in a selector must not contain a slash. */
function dynamic({ regex, message }) {
  return { selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\u002F')}/]`, message }
}

/**
 * @param {string[]} testFiles globs of tests, inside any folder
 * @param {(folder: string, inTest: boolean) => { selector: string, message: string }[]} alsoForbidden further entries
 *   of no-restricted-syntax: ESLint applies only one list of them to a file, so they must be joined here
 * @returns flat config entries, two per folder: for its code and for its tests
 */
export function importDirections(testFiles, alsoForbidden) {
  return Object.keys(DIRECTIONS).flatMap((folder) =>
    [false, true].map((inTest) => {
      const patterns = forbidden(folder, inTest)
      return {
        name: `import directions: ${folder}${inTest ? ' (tests)' : ''}`,
        files: inTest
          ? testFiles.map((glob) => `${folder}/${glob}`)
          : [`${folder}/**/*.ts`, `${folder}/**/*.svelte`],
        rules: {
          '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
          'no-restricted-syntax': ['error', ...patterns.map(dynamic), ...alsoForbidden(folder, inTest)],
        },
      }
    }),
  )
}
