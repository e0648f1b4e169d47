/** Words that the shell itself carries out. Some are followed by another command, which is not examined. */
const BUILTINS = new Set(
  (
    '. : [ ! { } alias bg break case cd command continue do done echo elif else esac eval exit export false fc fg fi for ' +
    'function getopts hash if in jobs kill let local printf pwd read readonly return set shift source test then time ' +
    'times trap true type ulimit umask unalias unset until wait while ' +
    'builtin caller coproc declare dirs disown enable help history logout mapfile popd pushd readarray select shopt suspend typeset'
  ).split(' '),
)

/**
 * Finds the program that a shell line starts with, if that needs no real shell.
 *
 * @returns a name to look up on the PATH, or an absolute path; null for builtins, variables, quotes, and relative
 *   paths, which depend on the workspace
 */
export function programOfShellLine(line: string): string | null {
  const words = /^(?:[A-Za-z_]\w*=[^\s'"`$\\;&|()<>]*\s+)*(?:exec\s+)?([^\s;&|()<>]+)/.exec(line.trim())
  const word = words?.[1]
  if (word === undefined || !/^[\w./+@%:,-]+$/.test(word) || BUILTINS.has(word)) return null
  if (word.startsWith('-')) return null
  return word.includes('/') && !word.startsWith('/') ? null : word
}
