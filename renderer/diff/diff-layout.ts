import { KeptChoice } from '../shared/kept-choice.svelte.ts'

/** Whether a diff shows new lines below old lines (`unified`) or beside them (`split`). */
export const diffLayout = new KeptChoice('runboard:diff-layout', ['unified', 'split'])
