import { KeptChoice } from '../shared/kept-choice.svelte.ts'

/** Whether a task opens beside the board or over the whole window. */
export const taskLayout = new KeptChoice('runboard:task-layout', ['drawer', 'page'])
