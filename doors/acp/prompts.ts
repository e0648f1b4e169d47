/** Sent when a turn has ended and the task has no report yet. */
export const REPORT_PROMPT = [
  'Your turn has ended, but this task has no report yet, so nobody knows whether it is done.',
  'If it is done, report it now: call the tool `complete` of the MCP server `runboard`, or run `runboard complete --summary "…"`.',
  'If you need a person, call `block` with the reason, or run `runboard block "…"`. If something is left to do, do it, and then report.',
].join('\n')

/** For an agent that ends its turn when a permission is refused. */
export function refusalPrompt(why: string): string {
  return `What you asked for was refused: ${why}\nGo on without it, and report when you are done. If you cannot continue without it, call \`block\` with the reason.`
}
