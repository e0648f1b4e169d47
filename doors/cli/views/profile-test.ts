import type { TestStep } from '../../../contract/index.ts'
import { fields, section } from './fields.ts'
import type { Printer } from './printer.ts'
import { oneLine, visible } from './text.ts'
import { duration } from './time.ts'

interface ProfileTest {
  ok: boolean
  profile: string
  steps: { name: TestStep; ok: boolean; sentence: string; after_ms: number | null }[]
  environment: {
    taken: { name: string; reason: string }[]
    taken_from_path: string[]
    added: string[]
  }
  output: string
}

/** One line per step, with the worker's output below. */
export function printProfileTest(test: ProfileTest, printer: Printer): string {
  const { ok, profile, steps, output } = test
  const { paint } = printer
  const lines = steps.map((step): [string, string] => {
    const mark = step.ok ? paint.green('ok   ') : paint.red('wrong')
    const after = step.after_ms === null ? '' : paint.dim(` (after ${duration(step.after_ms)})`)
    return [step.name, `${mark}  ${oneLine(step.sentence)}${after}`]
  })
  const verdict = ok
    ? paint.green(`The profile ${profile} works.`)
    : paint.red(`The profile ${profile} does not work.`)
  const wrote = section('What it wrote', visible(output), printer)
  const environment = section('Its environment', environmentLines(test.environment), printer)
  return `${fields(lines, printer, 0)}${wrote}${environment}\n${verdict}\n`
}

/** How the worker's environment differs from the one that Runboard was started with. */
function environmentLines({ taken, taken_from_path, added }: ProfileTest['environment']): string {
  const byReason = new Map<string, string[]>()
  for (const { name, reason } of taken) byReason.set(reason, [...(byReason.get(reason) ?? []), name])
  const lines = [...byReason].map(([reason, names]) => `Without ${someOf(names)}: ${reason}.`)
  if (taken_from_path.length > 0) lines.push(`Its PATH without ${taken_from_path.join(', ')}.`)
  return visible([...lines, `With ${added.join(', ')}.`].join('\n'))
}

const SHOWN = 6

function someOf(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.slice(0, SHOWN).join(', ')}${more}`
}
