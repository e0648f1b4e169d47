// A worker that knows Runboard only by MCP. It starts the server as an agent does: with the command and the variables
// of its configuration, and nothing else from its environment.
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

interface Configuration {
  mcpServers: { runboard: { command: string; args: string[]; env: Record<string, string> } }
}

const configuration = JSON.parse(process.argv[2] ?? '') as Configuration
const { command, args, env } = configuration.mcpServers.runboard

function filledIn(value: string): string {
  return value.replace(/\$\{(\w+)\}/g, (_whole, name: string) => process.env[name] ?? '')
}

const variables = Object.entries(env).map(([name, value]): [string, string] => [name, filledIn(value)])
const client = new Client(
  { name: 'test-worker', version: '1' },
  { versionNegotiation: { mode: { pin: '2026-07-28' } } },
)
await client.connect(
  new StdioClientTransport({
    command,
    args,
    env: { PATH: process.env['PATH'] ?? '', ...Object.fromEntries(variables) },
  }),
)
const { contents } = await client.readResource({
  uri: `runboard://task/${process.env['RUNBOARD_TASK'] ?? ''}/context`,
})
const context = contents[0] !== undefined && 'text' in contents[0] ? contents[0].text : ''
await client.callTool({ name: 'heartbeat', arguments: { note: 'reading' } })
await client.callTool({ name: 'comment', arguments: { body: 'I have read it.' } })
await client.callTool({
  name: 'complete',
  arguments: {
    summary: `read ${context.split('\n')[0] ?? ''}`,
    metadata: { lines: context.split('\n').length },
  },
})
await client.close()
