import { expect, it } from 'vitest'
import type { ProfileState } from '../../contract/index.ts'
import { profilesFor, type RoleField } from './start-form.svelte.ts'

const profiles = ['ann', 'bob'].map((name) => ({
  name,
  capabilities: ['worker'],
})) as unknown as ProfileState[]
const role = (name: string, profile: string, not_same_as: string | null): RoleField => ({
  name,
  profile,
  capability: null,
  not_same_as,
})
const builder = role('builder', 'ann', null)
const reviewer = role('reviewer', '', 'builder')

it('offers a role no profile that another role has by its file', () => {
  expect(profilesFor(reviewer, [builder, reviewer], profiles, {})).toEqual(['bob'])
})

it('offers a role no profile that a person chose for the other role', () => {
  expect(profilesFor(reviewer, [builder, reviewer], profiles, { builder: 'bob' })).toEqual(['ann'])
})
