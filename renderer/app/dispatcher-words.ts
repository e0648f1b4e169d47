import type { DispatcherState } from '../../contract/index.ts'
import type { Tone } from '../shared/tones.ts'

export interface DispatcherWords {
  short: string
  /** The full text: which process holds the dispatcher, and how to change that. */
  sentence: string
  tone: Tone
}

/** The header's text about which process starts this board's workers. */
export function dispatcherWords(state: DispatcherState): DispatcherWords {
  const load = `${state.running} of ${state.limit} running`
  if (state.paused) {
    return {
      short: state.running > 0 ? `Paused · ${state.running} running` : 'Paused',
      sentence: 'Paused: no new tasks are claimed; running workers finish. Resume to continue.',
      tone: 'waiting',
    }
  }
  if (state.who === 'none') {
    return {
      short: 'No dispatcher',
      sentence: 'No process starts workers for this board. Keep the app open, or run “runboard serve”.',
      tone: 'waiting',
    }
  }
  const holder = [state.holder ?? 'another process', state.pid === null ? null : `pid ${state.pid}`]
  return {
    short: load,
    sentence:
      state.who === 'here'
        ? `${load}: this process starts the workers.`
        : `${load}. Workers are started by ${holder.filter((part) => part !== null).join(', ')}.`,
    tone: state.running > 0 ? 'active' : 'idle',
  }
}
