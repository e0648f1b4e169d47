import type { z } from 'zod'
import type { CliFlag } from '../../../contract/index.ts'
import { choicesOf } from '../../shared/schema.ts'
import { groups, verbs } from '../all-verbs.ts'
import { CONFIRM_FLAG, flagHelp, GLOBAL_FLAGS, type Verb } from '../verbs.ts'

/** What can follow `runboard`, in the form that the shell scripts need. */
export interface CompletionVerb {
  words: readonly string[]
  summary: string
  flags: readonly CompletionFlag[]
}

export interface CompletionFlag {
  flag: string
  help: string
  /** Whether the flag takes a value, and its choices if they are fixed. */
  value: boolean
  choices: readonly string[]
  /** The value is a file or a folder. */
  path: boolean
}

function flagWords(verb: Verb | undefined, flag: CliFlag): CompletionFlag {
  const shape = verb?.operation?.spec.input.shape as Record<string, z.ZodType> | undefined
  return {
    flag: flag.flag,
    help: (verb === undefined ? undefined : flagHelp(verb, flag)) ?? flag.help ?? '',
    value: flag.value !== undefined,
    choices: flag.value === undefined ? [] : choicesOf(shape?.[flag.field]),
    path:
      flag.parse === 'path' || flag.parse === 'file' || flag.parse === 'json-file' || flag.field === 'home',
  }
}

/** The flags that every verb takes. */
export const globalFlags: readonly CompletionFlag[] = GLOBAL_FLAGS.map((flag) => flagWords(undefined, flag))

/** Every verb with its own flags. */
export const completionVerbs: readonly CompletionVerb[] = verbs.map((verb) => ({
  words: verb.words,
  summary: verb.summary,
  flags: [...verb.flags, ...(verb.confirm ? [CONFIRM_FLAG] : [])].map((flag) => flagWords(verb, flag)),
}))

/** The possible first words, with a summary of each. */
export function firstWords(): { word: string; summary: string }[] {
  const single = completionVerbs.filter(({ words }) => words.length === 1)
  return [
    ...single.map(({ words, summary }) => ({ word: words[0] ?? '', summary })),
    ...groups.map((word) => ({
      word,
      summary: membersOf(word)
        .map(({ word: member }) => member)
        .join(', '),
    })),
  ].sort((a, b) => a.word.localeCompare(b.word))
}

/** The words that can follow a group's name. */
export function membersOf(group: string): { word: string; summary: string }[] {
  return completionVerbs
    .filter(({ words }) => words.length > 1 && words[0] === group)
    .map(({ words, summary }) => ({ word: words[1] ?? '', summary }))
}

/** @returns the text in single quotes, valid in all three shells */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
