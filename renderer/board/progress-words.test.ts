import { expect, it } from 'vitest'
import { progressDots, progressWords } from './progress-words.ts'

const plain = { at: 3, of: 5, round: null, rounds: null, items: null, items_done: null }

it.each([
  [plain, 'run tests'],
  [{ ...plain, round: 2, rounds: 4 }, 'run tests · round 2 of 4'],
  [{ ...plain, items: 12, items_done: 7 }, 'run tests · 7 of 12 done'],
])('says the step, its round and its items', (progress, words) => {
  expect(progressWords({ current_step_key: 'run_tests' }, progress)).toBe(words)
})

it('has a sign for each step, and none for a long walk', () => {
  expect(progressDots(plain)).toEqual(['passed', 'passed', 'here', 'ahead', 'ahead'])
  expect(progressDots({ at: 1, of: 10 })).toBeNull()
})
