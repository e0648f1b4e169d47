// `npm run check`: every static check of the sources, with as many steps in parallel as the machine has cores. Prints
// one line per step, and the output of a step that failed.
import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { styleText } from 'node:util'

interface Step {
  name: string
  argv: string[]
}

const bin = (path: string) => `node_modules/${path}`

/** tsc fails on a program without files, as in a folder whose sources are all tests or do not exist yet. */
const typed = [
  { folder: 'contract', sources: 'contract/**/*.ts' },
  { folder: 'formats', sources: 'formats/**/*.ts' },
  { folder: 'kernel', sources: 'kernel/**/*.ts' },
  { folder: 'doors', sources: 'doors/**/*.ts' },
  { folder: 'electron', sources: 'electron/main/**/*.ts' },
  { folder: 'electron/preload', sources: 'electron/preload/**/*.ts' },
  { folder: 'e2e', sources: 'e2e/**/*.ts' },
  { folder: 'bench', sources: 'bench/**/*.ts' },
  { folder: 'scripts', sources: 'scripts/**/*.ts' },
  { folder: '.', sources: '*.ts' },
].filter(({ sources }) => globSync(sources).length > 0)

function typesOf(folder: string): Step {
  const info = `node_modules/.cache/tsc/${folder === '.' ? 'root' : folder.replace('/', '-')}.tsbuildinfo`
  return {
    name: `types: ${folder === '.' ? 'configuration, tests without Node' : folder}`,
    argv: [bin('typescript/bin/tsc'), '-p', folder, '--incremental', '--tsBuildInfoFile', info, '--pretty'],
  }
}

// The longest first, so that it does not run alone at the end.
const steps: Step[] = [
  // In two halves, for two cores. Together they read every file.
  {
    name: 'lint: all but kernel',
    argv: [bin('eslint/bin/eslint.js'), '--max-warnings=0', '--ignore-pattern=kernel/', '.'],
  },
  { name: 'lint: kernel', argv: [bin('eslint/bin/eslint.js'), '--max-warnings=0', 'kernel'] },
  {
    name: 'svelte',
    argv: [
      bin('svelte-check/bin/svelte-check'),
      '--tsconfig',
      'renderer/tsconfig.json',
      '--fail-on-warnings',
    ],
  },
  ...typed.map(({ folder }) => typesOf(folder)),
  { name: 'import circles', argv: ['scripts/lint/circles.ts'] },
  { name: 'rooms of the kernel', argv: ['scripts/lint/rooms.ts'] },
  { name: 'plain English', argv: ['scripts/lint/words.ts'] },
  {
    name: 'unused files, exports and packages',
    argv: [bin('knip/bin/knip.js'), '--no-progress', '--treat-config-hints-as-errors'],
  },
  { name: 'generated files', argv: ['scripts/generate.ts', '--check'] },
  {
    name: 'format (npm run format mends it)',
    argv: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
  },
].filter(({ argv }) => existsSync(argv[0] as string))

/** @returns whether the step passed */
function runStep({ name, argv }: Step): Promise<boolean> {
  const started = performance.now()
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  child.on('close', (code) => {
    const passed = code === 0
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const mark = passed ? styleText('green', 'ok    ') : styleText('red', 'FAILED')
    console.log(`${mark} ${name} (${seconds} s)`)
    if (!passed) console.log(Buffer.concat(output).toString().trimEnd())
    resolve(passed)
  })
  return promise
}

/** @returns the number of steps that failed */
export async function check(): Promise<number> {
  const waiting = [...steps]
  let failed = 0
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      if (!(await runStep(step))) failed += 1
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker))
  return failed
}

if (import.meta.main) {
  const failed = await check()
  console.log(
    failed === 0 ? `All ${steps.length} checks passed.` : `${failed} of ${steps.length} checks failed.`,
  )
  process.exitCode = failed === 0 ? 0 : 1
}
