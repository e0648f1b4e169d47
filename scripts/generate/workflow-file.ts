import { z } from 'zod'
import { workflowFile } from '../../contract/workflow-file.ts'
import { STEP_KIND_RULES, STEP_KINDS } from '../../contract/workflow-kinds.ts'

interface Schema {
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  items?: Schema
  oneOf?: Schema[]
  anyOf?: Schema[]
  additionalProperties?: Schema | boolean
  $ref?: string
  $defs?: Record<string, Schema>
}

/** @returns the JSON Schema of a workflow file, for editors that complete and check YAML */
export function workflowSchema(): Schema {
  return z.toJSONSchema(workflowFile(), { io: 'input' }) as Schema
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${String(one)}\``).join(', ')
  if (schema.$ref !== undefined)
    return schema.$ref.endsWith('WorkflowItemWork') ? 'a work step' : 'a condition'
  if (schema.type === 'array') return 'list'
  if (typeof schema.type === 'string') return schema.type
  const forms = (schema.anyOf ?? schema.oneOf ?? []).map(typeOf)
  return forms.length === 0 ? 'any' : [...new Set(forms)].join(' or ')
}

function rows(schema: Schema): string {
  const required = new Set(schema.required)
  const lines = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const given = value.default === undefined ? '' : `; default \`${JSON.stringify(value.default)}\``
    const need = required.has(key) ? 'required' : 'optional'
    return `| \`${key}\` | ${typeOf(value)}${given} | ${need} | ${value.description ?? ''} |`
  })
  return ['| key | value | | what |', '|---|---|---|---|', ...lines].join('\n')
}

/** @returns the text of docs/workflow-file.md, made from the schema of a workflow file and the table of step kinds */
export function workflowReference(): string {
  const whole = workflowSchema()
  const resolve = (one: Schema): Schema =>
    one.$ref === undefined ? one : (whole.$defs?.[one.$ref.split('/').at(-1) ?? ''] ?? one)
  const schema = resolve(whole)
  const part = (name: string) =>
    resolve(resolve(schema.properties?.[name] ?? {}).additionalProperties as Schema)
  const steps = (schema.properties?.['steps']?.items?.oneOf ?? []).map(resolve)
  const kinds = STEP_KINDS.map((kind) => {
    const step = steps.find(({ properties }) => properties?.['kind']?.const === kind)
    const { does, optional, verdicts } = STEP_KIND_RULES[kind]
    const routes = [
      verdicts.length === 0 ? '' : `Verdicts: ${verdicts.map((one) => `\`${one}\``).join(', ')}.`,
      optional.length === 0 ? '' : `Optional: ${optional.map((one) => `\`${one}\``).join(', ')}.`,
    ]
    const inside = (step?.properties?.['do']?.anyOf ?? []).map(resolve).find(({ properties }) => properties)
    const work = inside === undefined ? '' : `\n\nA work step under \`do\`:\n\n${rows(inside)}`
    const says = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`
    return `### ${kind}\n\n${[says, ...routes].filter((line) => line !== '').join(' ')}\n\n${rows(step ?? {})}${work}`
  })
  return `# The file of a workflow

Made from [contract/workflow-file.ts](../contract/workflow-file.ts) by \`npm run generate\`; do not edit it here. [workflows.md](workflows.md) says
how workflows work. [workflow.schema.json](workflow.schema.json) is the same as a JSON Schema: an editor with a YAML language server
completes and checks a file that begins with \`# yaml-language-server: $schema=…\`.

## At the top

${rows(schema)}

## An input

${rows(part('inputs'))}

## A role

${rows(part('roles'))}

## Steps

${kinds.join('\n\n')}
`
}
