import { readFileSync } from 'node:fs'
import type { Setup } from './setup.ts'
import { haveProfiles } from './walking.ts'

/** A plan whose parts a person edits, with a form; then a way by the form, and a card for each part. */
export const ASKED = readFileSync(new URL('asked.yaml', import.meta.url), 'utf8')

/** @returns the id of a card that asks at `agree`, with the parts `a` and `b` */
export async function askedTask({ call, claim, create }: Setup): Promise<string> {
  await haveProfiles(call, 'planner', 'builder')
  await call('workflow.add', { file: ASKED, replace: true })
  const { id } = await create('A card')
  await call('workflow.start', { id, name: 'asked' })
  const { worker } = await claim(id, 'planner')
  const metadata = {
    why: 'So',
    parts: [
      { key: 'a', goal: 'A' },
      { key: 'b', after: ['a'] },
    ],
  }
  await call('task.complete', { id, metadata, summary: 'Planned' }, worker)
  return id
}
