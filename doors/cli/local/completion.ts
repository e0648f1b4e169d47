import type { Call } from '../call.ts'
import { usageError } from '../usage.ts'
import { bashScript } from '../completion/bash.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'

const SCRIPTS: Readonly<Record<string, () => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** `completion`: a script for a shell to source, made from the verbs that the parser uses. */
export async function completion({ session, given }: Call): Promise<number> {
  const shell = String(given.input['shell'])
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (script === undefined) throw usageError(`No completion for “${shell}”. Use bash, zsh or fish.`)
  if (session.json) await session.outJson({ shell, script: script() })
  else await session.out(script())
  return 0
}
