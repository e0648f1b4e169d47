import { expect, it } from 'vitest'
import { bridgeCommand, isBridge } from './bridge-command.ts'

const NOTHING = { mode: null, model: null, resume: null }

it('puts the options of the bridge before the unchanged command of the agent', () => {
  const agent = ['/bin/agent', '--acp', '--mode', 'x']

  expect(bridgeCommand('/bin/runboard', agent, { mode: 'plan', model: 'big', resume: 's-1' })).toEqual([
    ...['/bin/runboard', 'acp', '--mode', 'plan', '--model', 'big', '--resume', 's-1', '--'],
    ...agent,
  ])
  expect(bridgeCommand('/bin/runboard', agent, NOTHING)).toEqual([
    ...['/bin/runboard', 'acp', '--'],
    ...agent,
  ])
})

it('tells the command of a bridge from the commands of other workers', () => {
  expect(isBridge({ command: JSON.stringify(bridgeCommand('/bin/runboard', ['/bin/agent'], NOTHING)) })).toBe(
    true,
  )
  for (const other of [['/bin/agent', '--acp'], ['/bin/opencode', 'acp'], ['/bin/sh', '-c', 'acp -- x'], []])
    expect(isBridge({ command: JSON.stringify(other) })).toBe(false)
})
