import { MINUTE } from '../../formats/time.ts'
import type { Board } from '../board/board.ts'
import { onChange } from '../board/change-feed.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { Rounds } from '../rounds.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { sweepChecks } from './checks.ts'
import {
  claimPlanned,
  explainSkipped,
  type Occupancy,
  type Plan,
  planClaims,
  type Skipped,
} from './claimer.ts'
import { Lease, LEASE_IDLE_RENEW_MS, LEASE_RENEW_MS } from '../board/lease.ts'
import { SleepWatch } from './sleep-watch.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import { DueTimes } from './due-times.ts'
import { OWN_PROFILES } from '../home/own-profiles.ts'
import { ProfileReleases } from './profile-releases.ts'
import { Rescuer } from './rescuer.ts'
import { type StartedRun, startRun } from './starter.ts'
import { Supervisor } from './supervisor.ts'
import { WaitLimits } from './wait-limits.ts'

/** A task that a pass has claimed. */
export interface ClaimedTask {
  task_id: string
  run_id: number
  profile: string
}

/** A full pass, in case an event was missed. */
const sweeps = new Rounds(30_000)
/** The lease, and the clocks. More often than the awake clock must be read. */
const pulses = new Rounds(LEASE_RENEW_MS)
const OVERDUE_PAUSE_MS = 50
/** The longest timer for due times. Sweeps are more frequent, and setTimeout takes only 31 bits. */
const LONGEST_SLEEP_MS = MINUTE

/**
 * Dispatches one board in this process: claims ready tasks within the limits, starts and watches their workers, and
 * rescues runs that other dispatchers left behind. Reacts at once to commits of its own process, and to commits of
 * others as soon as the system reports them. Timers exist only for what falls due.
 */
export class BoardDispatcher {
  readonly board: Board
  readonly #services: Services
  readonly #lease: Lease
  readonly #supervisor: Supervisor
  readonly #rescuer: Rescuer
  /** All services, in the order of a pass. A new one is an entry in this list. */
  readonly #parts: readonly DispatcherService[]
  readonly #starting = new Map<number, { profile: string; done: Promise<void> }>()
  /** When the lease was last renewed, on the awake clock. */
  #renewedAt = -Infinity
  readonly #stops: (() => void)[] = []
  readonly #idle = new Set<() => void>()
  /** How many more claims this dispatcher may make. */
  #budget: number
  readonly #claimed: ClaimedTask[] = []
  #pass: Promise<unknown> = Promise.resolve()
  #wanted = false
  #due: NodeJS.Timeout | null = null
  #isStopped = false

  /**
   * @param holder the name that other processes see for this dispatcher
   * @param budget the most tasks to claim in all
   */
  constructor(services: Services, board: Board, holder: string, budget = Infinity) {
    this.#budget = budget
    this.board = board
    this.#services = services
    this.#lease = new Lease(services, board, holder)
    this.#supervisor = new Supervisor(
      services,
      board,
      () => this.kick(),
      ({ claimed, profile }) =>
        this.#start(
          claimed.run.id,
          profile.name,
          startRun(services, board, claimed, profile, { isRefused: true }),
        ),
    )
    this.#rescuer = new Rescuer(services, board, {
      supervisor: this.#supervisor,
      starting: () => this.#starting.keys(),
      onRescued: () => this.kick(),
      onDue: () => this.#sleepUntilDue(),
    })
    this.#parts = [
      new DueTimes(services, board),
      new SleepWatch(services, board, () => {
        // Other processes see us as silent now.
        this.#background(this.#renew())
        this.kick()
      }),
      this.#rescuer,
      { runOnce: () => this.#background(sweepChecks(services, board)) },
      this.#supervisor,
      new WaitLimits(services, board),
      new ProfileReleases(services, board),
    ]
  }

  /** Everything that this dispatcher has claimed, oldest first. */
  get claimed(): readonly ClaimedTask[] {
    return this.#claimed
  }

  holdsLease(): boolean {
    return this.#lease.isHeld
  }

  /** Slots of this process that the board uses: watched workers, and workers being started or rescued. */
  occupied(): number {
    return this.#supervisor.count + this.#starting.size + this.#rescuer.count
  }

  /** As `occupied`, without Runboard’s own checks and merges: they have slots of their own. */
  workers(): number {
    const by_profile = this.#byProfile()
    const own = [...OWN_PROFILES.keys()].reduce((sum, name) => sum + (by_profile.get(name) ?? 0), 0)
    return this.occupied() - own
  }

  #byProfile(): Map<string, number> {
    const by_profile = new Map(this.#supervisor.byProfile())
    for (const { profile } of this.#starting.values())
      by_profile.set(profile, (by_profile.get(profile) ?? 0) + 1)
    return by_profile
  }

  /** Tasks whose worker has reported but not exited: their workspaces are still in use. */
  lingering(): string[] {
    return this.#supervisor.lingering()
  }

  /**
   * @param patiently waits until a silent holder on this host renews or is taken over, instead of leaving that to the
   *   next call
   * @returns whether this process now dispatches the board
   */
  async take({ patiently = false } = {}): Promise<boolean> {
    return patiently ? this.#lease.takePatiently() : this.#lease.take()
  }

  /**
   * One pass: rescue runs that nobody watches, then claim and start ready tasks.
   *
   * @param max the most tasks to claim in this pass
   */
  async runOnce(max = Infinity): Promise<ClaimedTask[]> {
    const pass = this.#pass.then(() => this.#onePass(max))
    this.#pass = pass.catch(() => undefined)
    return pass
  }

  async #onePass(max: number): Promise<ClaimedTask[]> {
    if (this.#isEnded || !this.#lease.isHeld) return []
    if (this.#stops.length > 0 && this.#services.awake() - this.#renewedAt > LEASE_RENEW_MS) {
      await this.#renew()
      if (!this.#lease.isHeld) return []
    }
    for (const part of this.#parts) await part.runOnce?.()
    return this.#claim(max)
  }

  async #claim(max: number): Promise<ClaimedTask[]> {
    if (this.board.connection.read.get(tasks.readyAssignees, {}) === undefined) return []
    const plan = this.plan(max)
    const done = await claimPlanned(this.#services, this.board, this.#lease, plan.claims)
    this.#budget -= done.length
    for (const { profile, ...claimed } of done)
      this.#start(claimed.run.id, profile.name, startRun(this.#services, this.board, claimed, profile))
    const claimed = done.map(({ task, run, profile }) => ({
      task_id: task.id,
      run_id: run.id,
      profile: profile.name,
    }))
    this.#claimed.push(...claimed)
    return claimed
  }

  #start(runId: number, profile: string, starting: Promise<StartedRun | null>): void {
    this.#starting.set(runId, { profile, done: this.#started(runId, starting) })
  }

  async #started(runId: number, starting: Promise<StartedRun | null>): Promise<void> {
    try {
      const started = await starting
      if (started !== null && !this.#isStopped) this.#supervisor.watch(started)
    } catch (error) {
      this.#services.report(`run ${runId} could not be started`, error)
    } finally {
      this.#starting.delete(runId)
      this.kick()
    }
  }

  #occupancy(): Occupancy {
    const others = [...this.#services.dispatchers.values()].filter((other) => other !== this)
    return {
      board: this.workers(),
      by_profile: this.#byProfile(),
      app: this.workers() + others.reduce((sum, other) => sum + other.workers(), 0),
    }
  }

  /**
   * config.json has changed: looks for work again, and says so on the board where tasks wait for one of these profiles,
   * so that every screen shows their new reason.
   */
  configChanged(profiles: readonly string[]): void {
    this.kick()
    if (!this.#isEnded) this.#background(this.#noteProfiles(profiles))
  }

  async #noteProfiles(profiles: readonly string[]): Promise<void> {
    const { read } = this.board.connection
    const waitedFor = profiles.filter(
      (profile) => read.all(tasks.readyOfProfile, { profile, limit: 1 }).length > 0,
    )
    if (waitedFor.length === 0) return
    await this.board.connection.write('dispatcher', (tx) => {
      for (const profile of waitedFor) writeEvent(tx, 'profile_changed', null, null, { profile })
    })
  }

  /** @returns what a pass would claim. Changes nothing. */
  plan(max = Infinity): Plan {
    return planClaims(this.#services, this.board, this.#occupancy(), Math.min(max, this.#budget))
  }

  /** @returns why each ready task that `plan` does not claim has to wait */
  explain(plan: Plan): Skipped[] {
    return explainSkipped(this.#services, this.board, plan)
  }

  /**
   * Runs passes from now on: on local commits, on writes of other processes, and when something falls due.
   *
   * @param onLost called when the board's file is gone or was replaced, or was closed
   */
  start(onLost: () => void = () => undefined): void {
    if (this.#stops.length > 0) return
    this.#renewedAt = this.#services.awake()
    const onWrite = () => (this.#isLost ? onLost() : this.kick())
    const sweep = () => this.kick()
    const pulse = () => this.#pulse()
    sweeps.add(sweep)
    pulses.add(pulse)
    this.#stops.push(
      onChange(this.board, onWrite),
      () => sweeps.delete(sweep),
      () => pulses.delete(pulse),
    )
    this.kick()
  }

  /** Also when another call of this process found its file replaced first, and closed it. */
  get #isLost(): boolean {
    return !this.board.isThere()
  }

  /** Also when the board was closed because its file is gone: its callers get that error. */
  get #isEnded(): boolean {
    return this.#isStopped || !this.board.connection.isOpen
  }

  #pulse(): void {
    for (const part of this.#parts) part.pulse?.()
    this.#background(this.#renewIfDue())
  }

  async #renewIfDue(): Promise<void> {
    // Slightly less, because timers are not exact.
    const idle = LEASE_IDLE_RENEW_MS - LEASE_RENEW_MS / 2
    const isDue = !this.#lease.isHeld || this.occupied() > 0
    if (isDue || this.#services.awake() - this.#renewedAt > idle) await this.#renew()
  }

  async #renew(): Promise<void> {
    this.#renewedAt = this.#services.awake()
    if (await this.#lease.renew()) return
    // Another process saw us silent and took the lease: it watches the workers now.
    if (this.#isStopped) return
    for (const part of this.#parts) part.leaseLost?.()
    if (await this.#lease.take()) this.kick()
  }

  /** Schedules a pass soon. Several calls result in one pass. */
  kick(): void {
    if (this.#wanted || this.#isEnded || this.#stops.length === 0) return
    this.#wanted = true
    setImmediate(() => {
      this.#wanted = false
      if (this.#isEnded) return
      this.#background(
        this.runOnce().then(() => {
          this.#sleepUntilDue()
          this.#tellIfDrained()
        }),
      )
    })
  }

  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#isEnded) this.#services.report(`dispatching board ${this.board.slug} failed`, error)
    })
  }

  #sleepUntilDue(): void {
    if (this.#isEnded || this.#stops.length === 0) return
    if (this.#due !== null) clearTimeout(this.#due)
    const next = Math.min(...this.#parts.map((part) => part.nextDueIn?.() ?? Infinity))
    // Anything still due was handled a moment ago: running again at once would loop.
    const wait = next > 0 ? Math.min(next, LONGEST_SLEEP_MS) : OVERDUE_PAUSE_MS
    this.#due = setTimeout(() => this.kick(), wait)
  }

  /** Resolves when nothing runs here, nothing can be claimed, and no backoff is pending. */
  async drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#idle.add(resolve)
      this.kick()
    })
  }

  #tellIfDrained(): void {
    if (this.#idle.size === 0 || !this.#isDrained()) return
    for (const resolve of this.#idle) resolve()
    this.#idle.clear()
  }

  #isDrained(): boolean {
    if (!this.#lease.isHeld) return true
    if (this.occupied() > this.#supervisor.stuck || this.#rescuer.shouldKeepWaiting) return false
    const plan = this.plan()
    if (plan.claims.length > 0) return false
    if (plan.facts.paused || this.#budget <= 0) return true
    const { read } = this.board.connection
    return !read.all(tasks.waitingForRetry, { now: plan.facts.now }).some((waiting) => {
      const isKnown =
        plan.facts.profiles.has(waiting.assignee) && !plan.facts.held_profiles.has(waiting.assignee)
      return isKnown && read.get(taskRuns.newestOf, { task_id: waiting.id })?.outcome !== 'rate_limited'
    })
  }

  /** Waits until every run that this dispatcher claimed or took over is started, watched or closed. */
  async settled(): Promise<void> {
    while (this.#starting.size + this.#rescuer.count > 0) {
      await Promise.all([...[...this.#starting.values()].map(({ done }) => done), this.#rescuer.settled()])
    }
  }

  /** Stops claiming and watching, and releases the lease. Workers live on. May be called twice. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    for (const stop of this.#stops.splice(0)) stop()
    await this.#pass
    await this.settled()
    this.#isStopped = true
    if (this.#due !== null) clearTimeout(this.#due)
    await Promise.all(this.#parts.map(async (part) => part.stop?.()))
    await this.#lease.release()
    for (const resolve of this.#idle) resolve()
    this.#idle.clear()
  }
}

/** @returns the dispatcher of the board that runs in this process */
export function dispatcherOf(services: Services, slug: string): BoardDispatcher | undefined {
  const own = services.dispatchers.get(slug)
  return own instanceof BoardDispatcher ? own : undefined
}
