import { groups } from '../all-verbs.ts'
import { type CompletionFlag, completionVerbs, firstWords, globalFlags, membersOf } from './words.ts'

const words = (items: readonly { word: string }[]) => items.map(({ word }) => word).join(' ')

/** `verb --flag) choices` for each flag with fixed values; files for flags that take a path. */
function valueCases(name: string, flags: readonly CompletionFlag[]): string[] {
  return flags
    .filter((flag) => flag.value)
    .map((flag) => {
      const reply = flag.path
        ? 'COMPREPLY=($(compgen -f -- "$cur"))'
        : `COMPREPLY=($(compgen -W "${flag.choices.join(' ')}" -- "$cur"))`
      return `    "${name} ${flag.flag}") ${reply}; return ;;`
    })
}

/** @returns a bash script (3.2 and newer) that completes verbs, flags and fixed values */
export function bashScript(): string {
  const verbCases = completionVerbs.map(
    ({ words: verb, flags }) =>
      `    "${verb.join(' ')}") flags="${flags.map(({ flag }) => flag).join(' ')}" ;;`,
  )
  const groupCases = groups.map((group) => `    ${group}) next="${words(membersOf(group))}" ;;`)
  const withValue = globalFlags.filter(({ value }) => value).map(({ flag }) => flag)
  return `# bash completion for runboard. To use it: source <(runboard completion bash)
_runboard() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" verb="" next="" flags="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
    ${withValue.join('|')}) ((i++)); continue ;;
    -*) continue ;;
    esac
    if [[ -z $verb ]]; then
      verb="$word"
      case "$verb" in
      ${groups.join('|')}) continue ;;
      esac
    else
      case "$verb" in
      ${groups.join('|')}) verb="$verb $word" ;;
      esac
    fi
    break
  done
  case "$verb $prev" in
${completionVerbs.flatMap(({ words: verb, flags }) => valueCases(verb.join(' '), flags)).join('\n')}
  esac
  case "$prev" in
  --home) COMPREPLY=($(compgen -d -- "$cur")); return ;;
  --board) return ;;
  esac
  case "$verb" in
    "") next="${words(firstWords())}" ;;
${groupCases.join('\n')}
${verbCases.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags ${globalFlags.map(({ flag }) => flag).join(' ')} --help" -- "$cur"))
  elif [[ -n $next ]]; then
    COMPREPLY=($(compgen -W "$next" -- "$cur"))
  else
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _runboard runboard
`
}
