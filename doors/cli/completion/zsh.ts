import { groups } from '../all-verbs.ts'
import { type CompletionFlag, completionVerbs, firstWords, globalFlags, membersOf, quoted } from './words.ts'

/** `word:summary`, as _describe takes it. */
function described(items: readonly { word: string; summary: string }[]): string {
  return items.map(({ word, summary }) => quoted(`${word}:${summary.replaceAll(':', '\\:')}`)).join(' ')
}

/** `*--flag[help]:value:action`, as _arguments takes it. */
function argumentSpec({ flag, help, value, choices, path }: CompletionFlag): string {
  const said = help.replace(/[[\]:]/g, (char) => `\\${char}`)
  const action = path ? '_files' : choices.length > 0 ? `(${choices.join(' ')})` : ''
  return quoted(`*${flag}[${said}]${value ? `:value:${action}` : ''}`)
}

/** @returns a zsh script that completes verbs, flags and fixed values */
export function zshScript(): string {
  const cases = completionVerbs.map(
    ({ words, flags }) => `    ${quoted(words.join(' '))}) flags=(${flags.map(argumentSpec).join(' ')}) ;;`,
  )
  const groupCases = groups.map(
    (group) =>
      `    ${group}) local -a members; members=(${described(membersOf(group))}); _describe verb members; return ;;`,
  )
  return `#compdef runboard
# zsh completion for runboard. To use it: source <(runboard completion zsh)
_runboard() {
  local verb="" word i
  local -a flags globals first
  globals=(${globalFlags.map(argumentSpec).join(' ')})
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$word" in
    --board|--home) ((i++)); continue ;;
    -*) continue ;;
    esac
    if [[ -z $verb ]]; then
      verb="$word"
      case "$verb" in
      ${groups.join('|')}) continue ;;
      esac
    else
      verb="$verb $word"
    fi
    break
  done
  if [[ $PREFIX != -* ]]; then
    case "$verb" in
    "") first=(${described(firstWords())}); _describe verb first; return ;;
${groupCases.join('\n')}
    esac
  fi
  case "$verb" in
${cases.join('\n')}
  esac
  _arguments -s $flags $globals '*:argument:_files'
}
compdef _runboard runboard
`
}
