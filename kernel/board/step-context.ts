import type { ContextLimits } from '../../formats/context-limits.ts'
import { shellWord } from '../../formats/shell-word.ts'
import type { Reader } from '../db/connection.ts'
import type { PutRight } from '../lifecycle/join.ts'
import { openWalkOf, type OpenWalk } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { valuesOf, type Visit } from '../workflow/engine.ts'
import { reportableVerdicts, waysOf } from '../workflow/graph.ts'
import { fillIn } from '../workflow/references.ts'
import { plain, quote } from './context-frame.ts'

/**
 * Writes the parts of a worker's context about its step: the prompt, the correction if the card was sent back, the verdicts
 * that the worker may give, and the handoffs of earlier steps, newest first.
 *
 * @returns the parts in order; none for a card that is not at a work step
 */
export function stepParts(reader: Reader, task: TaskRow, limits: ContextLimits): string[] {
  const open = openWalkOf(reader, task)
  if (open === null || open.step.kind !== 'work') return []
  return [
    whatToDo(open, open.step.prompt),
    correction(open, limits),
    joinCorrection(reader, task, limits),
    verdictsPart(open),
    handoffs(open, limits),
  ].filter((part) => part !== '')
}

/** @returns the flag that reports the verdict; empty when `done` is the only one */
export function verdictFlag(reader: Reader, task: TaskRow): string {
  const open = openWalkOf(reader, task)
  if (open === null) return ''
  const verdicts = reportableVerdicts(open.step)
  return verdicts.length === 1 && verdicts[0] === 'done' ? '' : ` --verdict ${verdicts.join('|')}`
}

function whatToDo({ step, template, visit, walk }: OpenWalk, prompt: string): string {
  const { missing, text } = fillIn(prompt, valuesOf(walk))
  const title = step.title ?? step.key
  const again = visit.visit === 1 ? '' : `, visit ${visit.visit}`
  // check-references.ts makes sure that every way here passes the steps that the prompt refers to. A *go to* can miss them.
  const lost =
    missing.length === 0 ? '' : `\n\n[no value for ${missing.join(', ')}: a person sent the card here]`
  const reads =
    step.kind === 'work' && step.workspace === 'read-only'
      ? '\n\nRead only: Runboard refuses your report while any file of the workspace differs from when you began.'
      : step.kind === 'work' && step.workspace === 'fresh'
        ? '\n\nYou are in a fresh worktree of the work. It goes to the trash when you are done, with all that you write there: only your report is handed on.'
        : ''
  return `# What to do now: ${plain(title)} (step “${step.key}” of the workflow “${template.title}”${again})\n\n${text.trim()}${lost}${reads}`
}

/** @returns the visit that sent the card back to this step; null unless it came by a way back: one with `max_rounds` */
function sender({ step, visit, walk }: OpenWalk): Visit | null {
  const { entered_from: from, entered_via: via } = visit
  if (from === null || via === null) return null
  const way = walk.definition.steps
    .flatMap(waysOf)
    .find((one) => one.from === from && one.verdict === via && one.to === step.key)
  if (way?.max_rounds == null) return null
  return [...walk.visits].reverse().find((one) => one.step === from && one.verdict === via) ?? null
}

function correction(open: OpenWalk, { field }: ContextLimits): string {
  const back = sender(open)
  if (back === null) return ''
  const parts = [
    back.summary === null ? '' : quote(back.summary, field, 'runboard walk'),
    back.metadata === null ? '' : quote(JSON.stringify(back.metadata, null, 2), field, 'runboard walk'),
  ].filter((part) => part !== '')
  const said = parts.length === 0 ? '[without a summary or metadata]' : parts.join('\n\n')
  return `## Put this right first\n\nThe step “${back.step}” ended with “${back.verdict ?? ''}” and sent the work back:\n\n${said}`
}

/** The part about why the work of an item could not be joined with that of the others; empty for any other card. */
function joinCorrection(reader: Reader, { id }: TaskRow, { field }: ContextLimits): string {
  const item = reader.get(workflowItems.ofTask, { task_id: id })
  if (item === undefined || item.state !== 'open' || item.put_right === null) return ''
  const { branch, files, output, why } = JSON.parse(item.put_right) as PutRight
  const what =
    why === 'conflict'
      ? `It conflicts in:\n\n${quote(files.join('\n'), field, `runboard show ${item.carrier_id}`)}`
      : `With it, the check of the whole work fails:\n\n${quote(output ?? '', field, `runboard log ${item.carrier_id}`)}`
  return `## Put this right first\n\nYour work could not be joined with that of the other items. ${what}\n\nThe branch “${plain(branch)}” has the work of the items that were joined before. Merge it into your branch (\`git merge ${shellWord(branch)}\`), put this right, commit, and report again.`
}

function verdictsPart({ step }: OpenWalk): string {
  const verdicts = reportableVerdicts(step)
  const metadata =
    step.kind === 'work' && step.metadata !== undefined
      ? `\n\nThe metadata of your report must match this JSON Schema:\n\n\`\`\`json\n${JSON.stringify(step.metadata)}\n\`\`\``
      : ''
  if (verdicts.length === 1 && verdicts[0] === 'done')
    return metadata === '' ? '' : `## Your report${metadata}`
  const ways = waysOf(step).filter(({ verdict }) => verdicts.includes(verdict))
  const lines = ways.map(({ to, verdict }) => `- \`--verdict ${verdict}\`: leads to “${to}”`)
  return `## Your verdict\n\nReport with one of these:\n\n${lines.join('\n')}${metadata}`
}

/** Maximum handoffs of earlier visits shown. */
const SHOWN = 12

/** Leaves out the open visit, and the visit that the correction already shows. */
function handoffs(open: OpenWalk, { field }: ContextLimits): string {
  const back = sender(open)
  const earlier = open.walk.visits
    .slice(0, -1)
    .filter((visit) => visit.valid && visit.verdict !== null)
    .filter((visit) => visit.step !== back?.step || visit.visit !== back.visit)
    .filter(({ summary, metadata }) => summary !== null || metadata !== null)
    .reverse()
  if (earlier.length === 0) return ''
  const parts = earlier.slice(0, SHOWN).map((visit) => {
    const said = [
      visit.summary === null ? '' : quote(visit.summary, field, 'runboard walk'),
      visit.metadata === null
        ? ''
        : `Metadata:\n${quote(JSON.stringify(visit.metadata), field, 'runboard walk')}`,
    ].filter((part) => part !== '')
    return `### ${visit.step}: ${visit.verdict ?? ''}\n\n${said.join('\n\n')}`
  })
  const omitted = earlier.length - SHOWN
  const rest = omitted > 0 ? `\n\n[${omitted} more are not shown; \`runboard walk\` prints them]` : ''
  return `## What earlier steps handed over\n\n${parts.join('\n\n')}${rest}`
}
