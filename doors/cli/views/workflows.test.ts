import { expect, it } from 'vitest'
import { createPaint } from './paint.ts'
import { printWorkflows } from './workflows.ts'

it('prints how long the walks of a workflow took, and how often one went back', () => {
  const listed = {
    source: 'home' as const,
    path: null,
    digest: null,
    shadows: [],
    problems: [],
    trusted: true,
  }
  const counted = { version: 2, running: 1, succeeded: 3, ended: 4 }
  const took = { walks: 4, p50_ms: 20 * 60_000, p90_ms: 2 * 3_600_000, rounds: 6 }
  const text = printWorkflows(
    {
      workflows: [
        { ...listed, ...counted, name: 'mine', title: 'Mine', took },
        {
          ...listed,
          name: 'new',
          title: 'New',
          version: null,
          running: 0,
          succeeded: 0,
          ended: 0,
          took: null,
        },
      ],
    },
    { paint: createPaint(false), width: Infinity, terminal: false, now: 0, verb: [] },
  )
  const [header, mine, fresh] = text.split('\n').map((line) => line.trim().split(/ {2,}/))
  expect(header?.slice(-3)).toEqual(['HALF', '90 %', 'ROUNDS EACH'])
  expect(mine?.slice(-4)).toEqual(['3 of 4', '20 min', '2 h', '1.5'])
  expect(fresh?.slice(-4)).toEqual(['–', '–', '–', '–'])
})
