import { expect } from 'vitest'
import type { Setup } from './setup.ts'
import { findLost, readTold, startWriters, type Told } from './writers.ts'

/** Lets processes write to one board at once. Nothing may be lost or given twice, and no process may fail. */
export async function letWritersRace(bundle: Setup, count: number, rounds: number): Promise<Told[]> {
  const ends = await Promise.all(startWriters(bundle, count, rounds).map((writer) => writer.ended))

  const told = ends.map((end) => readTold(end.output))
  expect(ends.map((end) => end.code)).toEqual(ends.map(() => 0))
  expect(findLost(bundle, told)).toEqual([])
  bundle.invariants()
  return told
}

/**
 * Kills writing processes, two at a time, in the middle of their work. Every write that they reported must be there,
 * and the board healthy.
 */
export async function killWriters(bundle: Setup, times: number): Promise<void> {
  for (let done = 0; done < times; done += 2) {
    const writers = startWriters(bundle, 2)
    await Promise.all(
      writers.map(async ({ child, ended }) => {
        const enough = 1 + Math.floor(Math.random() * 40)
        let seen = 0
        child.stdout?.on('data', (text: string) => {
          seen += text.split('\n').length - 1
          if (seen >= enough) child.kill('SIGKILL')
        })
        const { signal, output } = await ended
        expect({ signal, output: signal === null ? output : '' }).toEqual({ signal: 'SIGKILL', output: '' })
        expect(findLost(bundle, [readTold(output)])).toEqual([])
      }),
    )
    bundle.invariants()
  }
}
