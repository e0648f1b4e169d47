import type { Card, Client } from '../../contract/index.ts'
import { Lookup } from './lookup.svelte.ts'

/** Searches the tasks of a board while text is typed. A blank text finds the tasks that changed last. */
export class TaskSearch extends Lookup<readonly Card[]> {
  constructor(client: Client, board: () => string | null, limit = 12) {
    super(async (text) => {
      const slug = board()
      if (slug === null) return []
      const search = text.trim()
      const words = search === '' ? {} : { search }
      return (await client.task.list({ board: slug, limit, sort: '-updated', ...words })).tasks
    }, [])
  }

  get results(): readonly Card[] {
    return this.value
  }
}
