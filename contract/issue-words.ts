import { z } from 'zod'

type Issue = Parameters<NonNullable<ReturnType<typeof z.config>['customError']>>[0]

const TYPE_WORDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/**
 * Describes an invalid input whose schema has no message of its own.
 *
 * @returns words to follow the field's name, or undefined to use the library's message
 */
function wordsOf(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing'
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'unrecognized_keys':
      return `unknown field ${issue.keys.map((key) => `“${key}”`).join(', ')}`
    case 'too_small':
      return leastWords(issue.origin, Number(issue.minimum))
    case 'too_big':
      return mostWords(issue.origin, Number(issue.maximum))
    case 'invalid_format':
      return issue.format === 'regex' ? `does not match the pattern ${String(issue.pattern)}` : undefined
    default:
      return undefined
  }
}

function leastWords(origin: string, least: number): string | undefined {
  if (origin === 'number' || origin === 'int') return `must be at least ${least}`
  if (origin === 'array') return `must have at least ${least} ${least === 1 ? 'item' : 'items'}`
  if (origin !== 'string') return undefined
  return least === 1 ? 'is empty' : `must have at least ${least} characters`
}

function mostWords(origin: string, most: number): string | undefined {
  if (origin === 'number' || origin === 'int') return `must be at most ${most}`
  if (origin === 'array') return `must have at most ${most} ${most === 1 ? 'item' : 'items'}`
  return origin === 'string' ? `must have at most ${most} characters` : undefined
}

/** Installs these messages for every schema without one of its own. Call it once, before anything is validated. */
export function speakPlainly(): void {
  z.config({ customError: wordsOf })
}
