import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { devNull, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Run, Task, TaskDetail, Worker } from '../contract/index.ts'

export const root = dirname(import.meta.dirname)

/** The command as npm puts it on the PATH. */
export const runboardCommand = join(root, 'bin/runboard.cjs')

/** A program and the words that precede those of the command. */
export type Command = readonly [program: string, ...words: string[]]

const BUILT: Command = [process.execPath, runboardCommand]

const run = promisify(execFile)

/** A git without any user or system configuration. */
const GIT_ENVIRONMENT = { GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' } as const

/** The folder of the programs that a test adds to the PATH. */
const programsOf = (home: string) => join(home, 'programs')

/**
 * The environment of a user at a terminal: no variables of Runboard except the home, an unconfigured git, and the programs
 * of the test.
 */
export function environmentOf(home: string): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(RUNBOARD|GIT)_/.test(entry[0]),
  )
  const PATH = [programsOf(home), process.env['PATH'] ?? ''].join(delimiter)
  return { ...Object.fromEntries(own), ...GIT_ENVIRONMENT, PATH, RUNBOARD_HOME: home }
}

/** Runs CLI commands as in a terminal of their own. */
export interface Cli {
  /**
   * @returns the output of the command, without its final line break
   * @throws when its exit code is not 0
   */
  (...words: string[]): Promise<string>
  json: <Answer>(...words: string[]) => Promise<Answer>
}

/** A data folder for one test, and the command line on it. */
export class Home {
  readonly path: string
  readonly cli: Cli

  private constructor(path: string, [program, ...before]: Command) {
    this.path = path
    const cli = async (...words: string[]) => {
      const { stdout } = await run(program, [...before, ...words], {
        cwd: path,
        env: environmentOf(path),
        maxBuffer: 1 << 26,
      })
      return stdout.trimEnd()
    }
    const json = async <Answer>(...words: string[]) => JSON.parse(await cli(...words, '--json')) as Answer
    this.cli = Object.assign(cli, { json })
  }

  /** @param command the command that runs `runboard` */
  static async make(command = BUILT): Promise<Home> {
    const home = new Home(await mkdtemp(join(tmpdir(), 'runboard-e2e-')), command)
    // A test must not depend on the machine's number of cores or free memory.
    const config = { settings: { max_running: 4, min_free_memory_mb: 0 } }
    writeFileSync(join(home.path, 'config.json'), JSON.stringify(config))
    return home
  }

  /** Adds a profile whose worker is a line of shell. */
  async addProfile(name: string, shell: string, ...flags: string[]): Promise<void> {
    await this.cli('profiles', 'add', name, '--shell', shell, ...flags)
  }

  /** @returns the id of a new task */
  async create(title: string, ...flags: string[]): Promise<string> {
    return this.cli('create', title, ...flags)
  }

  async task(id: string, ...flags: string[]): Promise<Task> {
    return (await this.cli.json<TaskDetail>('show', id, ...flags)).task
  }

  async runs(id: string, ...flags: string[]): Promise<Run[]> {
    return (await this.cli.json<{ runs: Run[] }>('runs', id, ...flags)).runs
  }

  async workers(...flags: string[]): Promise<Worker[]> {
    return (await this.cli.json<{ workers: Worker[] }>('workers', ...flags)).workers
  }

  /** A line of shell that waits until `openGate` is called with the same name, or this home is gone. */
  gate(name: string): string {
    return `while [ -d "$RUNBOARD_HOME" ] && [ ! -e "$RUNBOARD_HOME/gates/${name}" ]; do sleep 0.1; done`
  }

  openGate(name: string): void {
    mkdirSync(join(this.path, 'gates'), { recursive: true })
    writeFileSync(join(this.path, 'gates', name), '')
  }

  /** Writes a file beside the boards. */
  write(name: string, text: string): void {
    writeFileSync(join(this.path, name), text)
  }

  /** Puts a script on the PATH. @returns its path */
  addProgram(name: string, script: string): string {
    const path = join(programsOf(this.path), name)
    mkdirSync(programsOf(this.path), { recursive: true })
    writeFileSync(path, script)
    chmodSync(path, 0o755)
    return path
  }

  /** Stops what is still running, then removes the folder. No dispatcher may run any more. */
  async remove(): Promise<void> {
    const boards = join(this.path, 'boards')
    const slugs = existsSync(boards) ? readdirSync(boards).filter((slug) => !slug.startsWith('_')) : []
    for (const slug of slugs) {
      for (const { task_id: id } of await this.workers('--board', slug)) {
        await this.cli('stop', id, '--board', slug).catch(() => undefined) // it has just ended by itself
      }
    }
    await rm(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
