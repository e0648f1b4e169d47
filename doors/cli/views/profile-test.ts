import type { TestStep } from '../../../contract/index.ts'
import { fields, section } from './fields.ts'
import type { Printer } from './printer.ts'
import { oneLine, visible } from './text.ts'
import { duration } from './time.ts'

interface ProfileTest {
  ok: boolean
  profile: string
  steps: { name: TestStep; ok: boolean; sentence: string; after_ms: number | null }[]
  output: string
}

/** One line a step, and what the worker wrote below them. */
export function printProfileTest({ ok, profile, steps, output }: ProfileTest, printer: Printer): string {
  const { paint } = printer
  const lines = steps.map((step): [string, string] => {
    const mark = step.ok ? paint.green('ok   ') : paint.red('wrong')
    const after = step.after_ms === null ? '' : paint.dim(` (after ${duration(step.after_ms)})`)
    return [step.name, `${mark}  ${oneLine(step.sentence)}${after}`]
  })
  const verdict = ok
    ? paint.green(`The profile ${profile} works.`)
    : paint.red(`The profile ${profile} does not work yet.`)
  const wrote = section('What it wrote', visible(output), printer)
  return `${fields(lines, printer, 0)}${wrote}\n${verdict}\n`
}
