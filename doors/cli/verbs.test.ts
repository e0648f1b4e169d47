import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { operationList } from '../../contract/index.ts'
import { verbs } from './all-verbs.ts'
import { hasView } from './views/index.ts'

/** The command line as promised: each verb with its arguments in order and its flags. */
const PROMISED = `
init --name --project
boards list
boards create SLUG --name --icon --color --project --switch
boards switch SLUG
boards show
boards rename SLUG NAME
boards set SLUG KEY=VALUE…
boards archive SLUG
boards delete SLUG --yes
create TITLE --body --body-file --assignee --parent… --child… --priority --tenant --triage --hold --not-before --workspace --branch --base --max-runtime --max-retries --skill… --model --verify --idempotency-key --workflow --step
list --status… --assignee --mine --tenant --search --workflow --step --archived --limit --sort
show [ID]
why ID
context [ID]
runs ID
run RUN_ID
log ID --run --tail --times --follow --readable
edit ID --title --body --priority --tenant --max-runtime --max-retries --skill… --result --summary --metadata
assign ID… PROFILE|none
link PARENT CHILD
unlink PARENT CHILD
comment [ID] TEXT --author
claim ID --ttl --profile
heartbeat [ID] --note
complete [ID…] --summary --metadata --result --created-card…
request-review [ID] --summary --metadata
approve ID --note
request-changes ID NOTE
block [ID…] --reason --kind
unblock ID… --answer
retry ID… --note
stop ID
hold ID…
release ID…
schedule ID --not-before
promote ID
reopen ID… --note
move ID STATUS
reclaim ID --reason
archive ID…
restore ID
delete ID… --yes
profiles list
profiles presets
profiles show NAME
profiles remove NAME
profiles test NAME
profiles set NAME KEY=VALUE…
profiles add NAME -- --shell --preset --completion --stdin --env… --max-concurrent --max-runtime --failure-limit --backoff --description --capability…
dispatch --dry-run --max --wait
pause
resume
stats
workers
diagnostics
inbox --seen
tail ID
watch --kinds… --assignee --tenant --since
serve --port --open --no-dispatch
mcp
demo
import hermes FILE --as
import json FILE
export --format --out
backup --out
restore-backup FILE
doctor
gc --dry-run
`

interface PromisedVerb {
  name: string
  args: string[]
  flags: string[]
  rest: boolean
}

function parsePromise(line: string): PromisedVerb {
  const words = line.split(' ')
  const name = words.filter((word) => /^[a-z][a-z-]*$/.test(word)).join(' ')
  return {
    name,
    args: words.filter((word) => /^\[?[A-Z]/.test(word)),
    flags: words.filter((word) => /^--./.test(word)),
    rest: words.includes('--'),
  }
}

const promised = PROMISED.trim().split('\n').map(parsePromise)
const named = (name: string) => verbs.find((verb) => verb.words.join(' ') === name)

it.each(promised)('$name has the promised arguments and flags', ({ name, args, flags, rest }) => {
  const verb = named(name)
  expect(verb, `${name} is a verb`).toBeDefined()
  const declared = verb?.args.map((arg) => {
    const many = arg.many === true ? `${arg.name}…` : arg.name
    return args.includes(`[${many}]`) && arg.own === true ? `[${many}]` : many
  })
  expect(declared).toEqual(args)
  const own = verb?.flags.map(({ flag, many }) => (many === true ? `${flag}…` : flag)) ?? []
  const all = verb?.confirm === true ? [...own, '--yes'] : own
  expect(flags.filter((flag) => !all.includes(flag))).toEqual([])
  expect(verb?.rest !== undefined).toBe(rest)
})

it('no two verbs have the same words, and no verb is also a group', () => {
  const all = verbs.map((verb) => verb.words.join(' '))
  expect(new Set(all).size).toBe(all.length)
  expect(all.filter((name) => all.some((other) => other.startsWith(`${name} `)))).toEqual([])
})

it('every operation with a verb has its own view', () => {
  const views = operationList.flatMap(([, spec]) => (spec.cli === undefined ? [] : [spec.cli.view]))
  const byHand = ['log'] // printed as bytes
  expect([...new Set(views)].filter((view) => !hasView(view) && !byHand.includes(view))).toEqual([])
})

it('each argument and flag sets a field of its operation', () => {
  const strange = verbs.flatMap((verb) => {
    const shape = verb.operation?.spec.input.shape
    if (shape === undefined || verb.local !== undefined) return []
    const fields = [...verb.args, ...verb.flags].map(({ field }) => field)
    return fields.filter((field) => !(field in shape)).map((field) => `${verb.words.join(' ')}: ${field}`)
  })
  expect(strange).toEqual([])
})

/** These put operations together, for a terminal or as a resource; everything else loops over the contract. */
const COMPOSING = [
  'acp/kernel-link.ts',
  'cli/local/log.ts',
  'cli/local/tail.ts',
  'mcp/resources.ts',
  'mcp/serve.ts',
]

it('a door names operations only where it puts them together', () => {
  const doors = fileURLToPath(new URL('..', import.meta.url))
  // Tests and their helpers call operations by name.
  const files = (readdirSync(doors, { recursive: true }) as string[]).filter(
    (file) =>
      file.endsWith('.ts') &&
      !/\.(?:test|soak)\.ts$|[\\/]testing[\\/]/.test(file) &&
      !basename(file).startsWith('test-'),
  )
  const spelled = files.flatMap((file) => {
    const text = readFileSync(join(doors, file), 'utf8')
    return operationList
      .filter(([name]) => [`'${name}'`, `"${name}"`, `\`${name}\``].some((quoted) => text.includes(quoted)))
      .map(() => file.replaceAll('\\', '/'))
  })
  expect([...new Set(spelled)].sort()).toEqual(COMPOSING)
})
