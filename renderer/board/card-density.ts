import { KeptChoice } from '../shared/kept-choice.svelte.ts'

/** How high cards are, on all boards. */
export const cardDensity = new KeptChoice('runboard:density', ['comfortable', 'compact'])
