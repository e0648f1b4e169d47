import type { Call } from '../call.ts'
import { helpText } from '../program.ts'
import { usageError } from '../usage.ts'
import { VERSION } from '../version.ts'
import { groups, verbs } from '../all-verbs.ts'
import { flagHelp, type Verb } from '../verbs.ts'

/** A verb as data, for programs. */
function described(verb: Verb) {
  return {
    verb: verb.words.join(' '),
    summary: verb.summary,
    args: verb.args.map(({ name, many, optional, own }) => ({
      name,
      many: many === true,
      optional: optional === true || own === true,
    })),
    flags: verb.flags.map((flag) => ({
      flag: flag.flag,
      value: flag.value ?? null,
      many: flag.many === true,
      help: flagHelp(verb, flag),
    })),
  }
}

/** `help`: the same text as `--help`; with `--json`, the verbs as data. */
export async function help({ session, given }: Call): Promise<number> {
  const words = (given.input['verb'] ?? []) as string[]
  const name = words.join(' ')
  const known = name === '' || groups.includes(name) || verbs.some((verb) => verb.words.join(' ') === name)
  if (!known) throw usageError(`Unknown verb “${name}”. \`runboard help\` lists them.`)
  if (session.json) {
    const asked = verbs.filter(({ words: own }) => words.every((word, at) => own[at] === word))
    await session.outJson({ verbs: asked.map(described) })
  } else await session.out(helpText(words, VERSION, session.io.stdout.columns ?? 100))
  return 0
}
