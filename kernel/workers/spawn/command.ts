import { WorkerSetupError } from '../setup-error.ts'

/** How a profile says its workers are called: an argument vector, or one line for the shell. */
export interface CommandTemplate {
  command: readonly string[] | null
  shell: string | null
}

/** Values of the placeholders. null: this run has none (no model, no skills). */
export interface CommandValues {
  prompt: string | null
  context_file: string | null
  task_id: string | null
  title: string | null
  workspace: string | null
  model: string | null
  skills: string | null
}

/** What a shell line must use instead of each placeholder. */
const IN_A_SHELL: Record<keyof CommandValues, string> = {
  prompt: '"$(cat "$RUNBOARD_CONTEXT_FILE")"',
  context_file: '"$RUNBOARD_CONTEXT_FILE"',
  task_id: '"$RUNBOARD_TASK"',
  title: '"$RUNBOARD_TITLE"',
  workspace: '"$RUNBOARD_WORKSPACE"',
  model: '"$RUNBOARD_MODEL"',
  skills: '"$RUNBOARD_SKILLS"',
}

const NAMES = Object.keys(IN_A_SHELL) as (keyof CommandValues)[]
const PLACEHOLDER = new RegExp(`\\{(${NAMES.join('|')})\\}`, 'g')
/** In a shell line `${title}` is a shell variable, not a placeholder. */
const PLACEHOLDER_IN_SHELL = new RegExp(`(?<!\\$)\\{(${NAMES.join('|')})\\}`)

/**
 * Builds the argument vector for one run.
 *
 * In argv elements, placeholders are replaced once. A value is not scanned again, so a title that contains `{prompt}`
 * stays as it is. Other braces are left alone (JSON arguments). A shell line gets its values through the environment
 * only, because pasted text would be executed.
 *
 * An element whose placeholder has no value is dropped. If the placeholder is the whole element, the flag right
 * before it is dropped too: `--model {model}` is removed as a pair, and so is `--model={model}`. (So a flag that
 * takes no value must not stand right before `{model}` or `{skills}`.)
 *
 * Throws a WorkerSetupError with the sentence for the profile's editor.
 */
export function buildCommand(template: CommandTemplate, values: CommandValues): string[] {
  if (template.shell !== null && template.command !== null) {
    throw new WorkerSetupError('A profile has either a command or a shell line, not both.')
  }
  if (template.shell !== null) return buildShellCommand(template.shell)
  const argv: string[] = []
  for (const element of template.command ?? []) {
    refuseUnknown(element)
    const filled = fill(element, values)
    if (filled !== null) argv.push(isWholePlaceholder(element) ? notAnOption(filled) : filled)
    else if (isWholePlaceholder(element) && argv.length > 1 && isFlag(argv.at(-1))) argv.pop()
  }
  if (argv[0] === undefined || argv[0] === '') throw new WorkerSetupError('The profile has no command.')
  return argv
}

/**
 * Other braces may mean something to the program. A single word in braces, alone in the element, is a mistyped
 * placeholder.
 */
function refuseUnknown(element: string): void {
  if (!/^\{[a-z_]+\}$/.test(element) || isWholePlaceholder(element)) return
  const known = NAMES.map((name) => `{${name}}`).join(', ')
  throw new WorkerSetupError(`${element} is not a placeholder. Use one of: ${known}.`)
}

function buildShellCommand(line: string): string[] {
  if (line.trim() === '') throw new WorkerSetupError('The profile’s shell line is empty.')
  const name = PLACEHOLDER_IN_SHELL.exec(line)?.[1] as keyof CommandValues | undefined
  if (name !== undefined) {
    throw new WorkerSetupError(
      `A shell line cannot hold {${name}}, because its text would be run by the shell: write ${IN_A_SHELL[name]} instead.`,
    )
  }
  if (process.platform === 'win32') return [process.env['ComSpec'] ?? 'cmd.exe', '/d', '/s', '/c', line]
  return ['/bin/sh', '-c', line]
}

/** A title such as `--yes` is task text; a program must not read it as an option. */
function notAnOption(value: string): string {
  return value.startsWith('-') ? ` ${value}` : value
}

/** null when one of its placeholders has no value. */
function fill(element: string, values: CommandValues): string | null {
  let missing = false
  const filled = element.replace(PLACEHOLDER, (_all, name: keyof CommandValues) => {
    const value = values[name]
    missing ||= value === null
    return withoutNul(value ?? '')
  })
  return missing ? null : filled
}

function isWholePlaceholder(element: string): boolean {
  return NAMES.some((name) => element === `{${name}}`)
}

function isFlag(element: string | undefined): boolean {
  return element !== undefined && /^--?[A-Za-z][^=]*$/.test(element)
}

/** Arguments and environment entries cannot hold a NUL; the rest of the text should still arrive. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}')
}
