import { groups } from '../all-verbs.ts'
import { type CompletionFlag, completionVerbs, firstWords, globalFlags, membersOf, quoted } from './words.ts'

function flagLine(condition: string, { flag, help, value, choices, path }: CompletionFlag): string {
  const parts = [`complete -c runboard -n ${quoted(condition)} -l ${flag.slice(2)}`]
  if (value) parts.push(path ? '-r -F' : '-x')
  if (choices.length > 0) parts.push(`-a ${quoted(choices.join(' '))}`)
  if (help !== '') parts.push(`-d ${quoted(help)}`)
  return parts.join(' ')
}

const wordLine = (condition: string, { word, summary }: { word: string; summary: string }) =>
  `complete -c runboard -n ${quoted(condition)} -a ${word} -d ${quoted(summary)}`

/** @returns a fish script that completes verbs, flags and fixed values */
export function fishScript(): string {
  const lines = [
    ...firstWords().map((item) => wordLine('__fish_use_subcommand', item)),
    ...groups.flatMap((group) => {
      const members = membersOf(group)
      const none = `__fish_seen_subcommand_from ${group}; and not __fish_seen_subcommand_from ${members.map(({ word }) => word).join(' ')}`
      return members.map((item) => wordLine(none, item))
    }),
    ...completionVerbs.flatMap(({ words, flags }) => {
      const condition = words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ')
      return flags.map((flag) => flagLine(condition, flag))
    }),
    ...globalFlags.map((flag) => flagLine('true', flag)),
  ]
  return `# fish completion for runboard. To use it: runboard completion fish | source
complete -c runboard -f
${lines.join('\n')}
`
}
