import type { Client, OperationOutput, Preset } from '../../contract/index.ts'
import { slugOf } from '../../formats/slug.ts'
import { Lookup } from '../shared/lookup.svelte.ts'
import { Saving } from '../shared/saving.svelte.ts'

const NO_LINE = 'The shell profile needs a command line to run.'

type Project = OperationOutput<'project.look'>['project']

/** The form for a new board: a project folder, a name, and the agent that does the work. */
export class NewBoardForm {
  folder = $state('')
  /** Typed, else derived from the folder. */
  name = $state('')
  preset = $state<string | null>(null)
  shell = $state('')
  /** The presets, those with an installed program first. */
  presets = $state.raw<readonly Preset[]>([])
  /** The names of the existing profiles. */
  profiles = $state.raw<readonly string[]>([])
  readonly saving = new Saving<'board' | 'demo' | 'presets' | 'profile'>()
  readonly #look: Lookup<Project | null>

  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- read in code, never rendered
  readonly #added = new Set<string>()
  readonly #client: Client
  readonly #done: (slug: string) => Promise<void>

  /** @param done called with the slug of the new board */
  constructor(client: Client, done: (slug: string) => Promise<void>) {
    this.#client = client
    this.#done = done
    this.#look = new Lookup(async (typed) => {
      const path = typed.trim()
      return path === '' ? null : (await client.project.look({ path })).project
    }, null)
  }

  async readPresets(): Promise<void> {
    await this.saving.run('presets', async () => {
      const [{ presets }, { profiles }] = await Promise.all([
        this.#client.profile.presets({}),
        this.#client.profile.list({}),
      ])
      this.profiles = profiles.map(({ name }) => name)
      this.presets = [...presets].sort((a, b) => Number(isMissing(a)) - Number(isMissing(b)))
    })
  }

  /** Looks at the typed folder. Call it whenever the folder changes. */
  lookAtFolder(): void {
    this.#look.look(this.folder)
  }

  /** The facts of the folder that was last looked at; null if none is typed. */
  get project(): Project | null {
    return this.folder.trim() === '' ? null : this.#look.value
  }

  get boardName(): string {
    if (this.name.trim() !== '') return this.name.trim()
    const last = this.folder.trim().split(/[\\/]/).filter(Boolean).pop()
    return last ?? 'My work'
  }

  get problem(): string | null {
    if (slugOf(this.boardName) === '') return 'The name needs a letter or a digit.'
    const folder = this.folder.trim()
    if (folder !== '' && !/^(?:~|\/|[A-Za-z]:[\\/])/.test(folder)) return 'Give the full path of the folder.'
    return this.preset === 'shell' && this.shell.trim() === '' ? NO_LINE : null
  }

  make(): Promise<void> {
    return this.#try('board', async () => {
      const problem = this.problem
      if (problem !== null) throw Object.assign(new Error(problem), { code: 'INVALID_INPUT' })
      const { board } = await this.#client.board.create({
        slug: slugOf(this.boardName),
        name: this.boardName,
        project_dir: this.folder.trim() === '' ? null : this.folder.trim(),
        switch: true,
      })
      if (this.preset !== null) await this.#addProfile(this.preset)
      return board.slug
    })
  }

  openDemo(): Promise<void> {
    return this.#try('demo', async () => (await this.#client.demo.create({})).board)
  }

  /** Creates the chosen profile, so that it can be tested. @returns whether it exists; if not, `saving.error` says why */
  async readyToTest(): Promise<boolean> {
    const { preset } = this
    this.saving.error = preset === 'shell' && this.shell.trim() === '' ? NO_LINE : null
    if (preset === null || this.saving.error !== null) return false
    const added = await this.saving.run('profile', async () => {
      await this.#addProfile(preset)
      return true
    })
    return added === true
  }

  /** A test may have created the profile already, perhaps with another line. */
  async #addProfile(preset: string): Promise<void> {
    const line = preset === 'shell' ? { shell: this.shell.trim() } : {}
    if (!this.#added.has(preset)) await this.#client.profile.add({ name: preset, preset, ...line })
    else if (line.shell !== undefined) await this.#client.profile.set({ name: preset, fields: line })
    this.#added.add(preset)
  }

  async #try(what: 'board' | 'demo', make: () => Promise<string>): Promise<void> {
    await this.saving.run(what, async () => this.#done(await make()))
  }
}

/** Whether the program of a preset is not installed. A preset for a shell line names no program yet. */
export function isMissing({ executable, shell }: Preset): boolean {
  return executable === null && shell === null
}
