import {
  EDGES,
  legalTargets,
  OUTCOMES,
  STATUS_MEANINGS,
  TASK_STATUSES,
  verbForMove,
  type FailureEffect,
} from '../../contract/states.ts'

const FAILURE_WORDS: Record<FailureEffect, string> = {
  counts: 'counts as a failure',
  resets: 'clears the count of failures',
  none: 'no failure',
}

function statusRows(): string[] {
  return TASK_STATUSES.map((status) => `| \`${status}\` | ${STATUS_MEANINGS[status]} |`)
}

/** One row per status and verb, with all possible results. */
function edgeRows(): string[] {
  const rows = new Map<string, Set<string>>()
  for (const { from, to, verb, auto } of EDGES) {
    const key = `| \`${from}\` | ${auto === true ? `*${verb.replaceAll('_', ' ')}*` : verb.replaceAll('_', '-')} |`
    rows.set(key, (rows.get(key) ?? new Set()).add(`\`${to}\``))
  }
  return [...rows].map(([key, targets]) => `${key} ${[...targets].join(' or ')} |`)
}

function moveRows(): string[] {
  return TASK_STATUSES.map((from) => {
    const targets = legalTargets(from).map(
      (to) => `\`${to}\` (${verbForMove(from, to)?.replaceAll('_', '-') ?? ''})`,
    )
    return `| \`${from}\` | ${targets.join(', ') || 'nowhere'} |`
  })
}

function outcomeRows(): string[] {
  return Object.entries(OUTCOMES).map(
    ([outcome, rule]) => `| \`${outcome}\` | ${rule.when} | ${FAILURE_WORDS[rule.failure]} |`,
  )
}

/** @returns the text of docs/states.md, generated from contract/states.ts */
export function statesDocument(): string {
  return `# States of a task, ends of a run

Made from [contract/states.ts](../contract/states.ts) by \`npm run generate\`; do not edit it here.

## States

| status | meaning |
|---|---|
${statusRows().join('\n')}

A parent that is done or archived no longer holds its children back.

## What leads from one to another

Verbs in *italics* are Runboard's own: the end of a run by its process, parents that are all satisfied, a parent that is open
again. Where two places are named, the task goes to \`todo\` while one of its parents is open.

| from | by | to |
|---|---|---|
${edgeRows().join('\n')}

Restoring brings a task back to what it was before; one that was running is ready then.

## Where a card can be moved

| from | to, by which verb |
|---|---|
${moveRows().join('\n')}

## How a run ends

| outcome | when | |
|---|---|---|
${outcomeRows().join('\n')}

At the limit of failures in a row the task is blocked as \`gave_up\`, and only a person can let it continue. The limit is the
task's \`max_retries\`, else the profile's, else the board's \`failure_limit\`, else 3.
`
}
