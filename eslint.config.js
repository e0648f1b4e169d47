import js from '@eslint/js'
import node from 'eslint-plugin-n'
import svelte from 'eslint-plugin-svelte'
import { defineConfig, globalIgnores } from 'eslint/config'
import globals from 'globals'
import ts from 'typescript-eslint'
import { idioms } from './scripts/lint/idioms.js'
import { importDirections } from './scripts/lint/import-directions.js'

const TEST_GLOBS = ['**/*.test.ts', '**/*.soak.ts', '**/test-*.ts', '**/testing/**/*.ts']

/** Runs in the packaged app, on Node 18.15 at the oldest. */
const PACKAGED = [
  'contract/**/*.ts',
  'formats/**/*.ts',
  'kernel/**/*.ts',
  'doors/**/*.ts',
  'electron/**/*.ts',
]

const SQL_ONLY_IN_TABLES = {
  selector: 'CallExpression[callee.property.name="prepare"]',
  message:
    'SQL stands in kernel/tables/<table>.ts (named statements) or kernel/db/ (opening, migrating). Call those.',
}

const sqlRule = (folder, inTest) =>
  inTest || !['contract', 'formats', 'kernel', 'doors', 'electron'].includes(folder)
    ? []
    : [SQL_ONLY_IN_TABLES]

const directions = importDirections(TEST_GLOBS, sqlRule)
const kernelCode = directions.find(({ files }) => files.includes('kernel/**/*.ts'))

export default defineConfig(
  globalIgnores(['out', '.windows-programs', 'dist', 'coverage', 'test-results', 'playwright-report']),
  js.configs.recommended,
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: globals.node } },

  { files: ['**/*.ts'], extends: [ts.configs.strict, ts.configs.recommendedTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A file that imports nothing but types must not be loaded for them.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/require-await': 'off', // an operation may be async by its type and have nothing to wait for
    },
  },

  { files: ['**/*.svelte'], extends: [ts.configs.strict] },
  svelte.configs.recommended, // after it, for its parser is the one that counts
  svelte.configs.prettier,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: { 'no-undef': 'off' }, // svelte-check does it, and knows the types
  },
  { files: ['renderer/**'], languageOptions: { globals: globals.browser } },

  {
    files: ['**/*.{ts,svelte}'],
    plugins: { idioms },
    rules: {
      'idioms/caught-name': 'error',
      'idioms/it-not-test': 'error',
      'no-duplicate-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },

  {
    name: 'what runs in the packaged app keeps to Node 18.15',
    files: PACKAGED,
    ignores: TEST_GLOBS,
    plugins: { n: node },
    languageOptions: { globals: globals.node }, // the rules only know globals that are listed
    settings: { node: { version: '>=18.15.0' } },
    rules: {
      'n/no-unsupported-features/es-builtins': 'error',
      'n/no-unsupported-features/es-syntax': ['error', { ignores: ['modules', 'dynamic-import'] }],
      // Experimental in Node 18, but there without a flag; Electron's protocol.handle answers with a Response.
      'n/no-unsupported-features/node-builtins': [
        'error',
        { ignores: ['fetch', 'Request', 'Response', 'Headers', 'FormData', 'stream/web'] },
      ],
      'n/prefer-node-protocol': 'error',
    },
  },

  ...directions,
  {
    name: 'where SQL stands',
    files: ['kernel/db/**/*.ts', 'kernel/tables/**/*.ts'],
    ignores: TEST_GLOBS,
    rules: {
      'no-restricted-syntax': kernelCode.rules['no-restricted-syntax'].filter(
        (entry) => entry !== SQL_ONLY_IN_TABLES,
      ),
    },
  },
  {
    name: 'no globals of Node in a page',
    files: ['formats/**/*.ts', 'renderer/**/*.{ts,svelte}'],
    ignores: TEST_GLOBS,
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'require', '__dirname', '__filename', 'global'],
    },
  },
  {
    name: 'tests may take shortcuts with types that they know',
    files: [...TEST_GLOBS, 'e2e/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
)
