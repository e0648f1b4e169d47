import type { Run } from '../../contract/index.ts'
import { isFailure } from '../runs/run-words.ts'

export const RUN_TABS = ['summary', 'log', 'changes', 'prompt', 'events', 'process'] as const
export type RunTab = (typeof RUN_TABS)[number]

/** The tab of an open run. A tab that the user has chosen stays from run to run. */
class RunTabs {
  #chosen = $state<RunTab | null>(null)

  choose(tab: RunTab): void {
    this.#chosen = tab
  }

  /** The log of a run that is open or has failed; else its summary. */
  of(run: Run): RunTab {
    const showsLog = run.log_path !== null && (run.outcome === null || isFailure(run.outcome))
    return this.#chosen ?? (showsLog ? 'log' : 'summary')
  }
}

export const runTabs = new RunTabs()
