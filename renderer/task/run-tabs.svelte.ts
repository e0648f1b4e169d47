import type { Run } from '../../contract/index.ts'
import { isFailure } from '../runs/run-words.ts'

export const RUN_TABS = ['summary', 'log', 'changes', 'prompt', 'events', 'process'] as const
export type RunTab = (typeof RUN_TABS)[number]

const KEY = 'runboard:run-tab'

function read(): RunTab | null {
  const stored = sessionStorage.getItem(KEY)
  return RUN_TABS.find((tab) => tab === stored) ?? null
}

/** The tab of an open run. A tab that the user has chosen stays from run to run, in this window. */
class RunTabs {
  #chosen = $state<RunTab | null>(read())

  choose(tab: RunTab): void {
    this.#chosen = tab
    sessionStorage.setItem(KEY, tab)
  }

  /** The log of a run that is open or has failed; else its summary. */
  of(run: Run): RunTab {
    const showsLog = run.log_path !== null && (run.outcome === null || isFailure(run.outcome))
    return this.#chosen ?? (showsLog ? 'log' : 'summary')
  }
}

export const runTabs = new RunTabs()
