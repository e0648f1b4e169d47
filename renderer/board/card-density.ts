import { KeptChoice } from '../shared/kept-choice.svelte.ts'

/** The height of cards, on all boards. */
export const cardDensity = new KeptChoice('runboard:density', ['comfortable', 'compact'])
