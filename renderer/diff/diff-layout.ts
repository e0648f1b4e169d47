import { KeptChoice } from '../shared/kept-choice.svelte.ts'

/** Whether before and after stand below or beside each other. */
export const diffLayout = new KeptChoice('runboard:diff-layout', ['unified', 'split'])
