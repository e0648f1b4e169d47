import type { Board } from '../../contract/index.ts'
import { slugOf } from '../../formats/slug.ts'
import { asker } from '../shared/ask.svelte.ts'
import { asFailure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { AppController } from './app-controller.svelte.ts'

export async function renameBoard(app: AppController, board: Board): Promise<void> {
  const name = await asker.ask({
    about: board.slug,
    title: 'Rename the board',
    text: `Its slug stays ${board.slug}.`,
    field: { label: 'Name', required: true, lines: 1, value: board.name },
    confirm: 'Rename',
  })
  if (name === null) return
  try {
    await app.client.board.rename({ slug: board.slug, name })
    await app.readBoards()
    const undo = async () => {
      await app.client.board.rename({ slug: board.slug, name: board.name })
      await app.readBoards()
    }
    toasts.show(`The board is now called ${name}`, { action: { label: 'Undo', run: undo } })
  } catch (error) {
    toasts.fail(error, 'The board was not renamed')
  }
}

export async function archiveBoard(app: AppController, board: Board): Promise<void> {
  const answer = await asker.ask({
    title: `Archive “${board.name}”?`,
    text: 'The board moves, with everything in it, to the archive in the data folder. Nothing is deleted.',
    confirm: 'Archive',
    danger: true,
  })
  if (answer === null) return
  try {
    const { path } = await app.client.board.archive({ slug: board.slug })
    const name = path.split(/[\\/]/).pop() ?? board.slug
    const undo = () => restoreBoard(app, { name: board.name, archived_as: name })
    toasts.show(`“${board.name}” is archived`, { details: [path], action: { label: 'Undo', run: undo } })
    app.leave(board.slug)
    await app.start()
  } catch (error) {
    toasts.fail(error, 'The board was not archived')
  }
}

/**
 * Restores a board from the archive and opens it. If its slug is taken, asks for another one.
 *
 * @param archived_as the name of its folder in the archive
 */
export async function restoreBoard(
  app: AppController,
  { name, archived_as }: Pick<Board, 'name' | 'archived_as'>,
): Promise<void> {
  const restore = (slug: string | null) =>
    app.client.board.restore({ name: archived_as ?? '', ...(slug === null ? {} : { slug }) })
  try {
    const { board } = await restore(null).catch(async (cause: unknown) => {
      if (asFailure(cause).code !== 'CONFLICT') throw cause
      const slug = await asker.ask({
        title: `Restore “${name}” as`,
        text: asFailure(cause).message,
        field: { label: 'Slug', required: true, lines: 1, value: `${slugOf(name)}-restored` },
        confirm: 'Restore',
      })
      return slug === null ? { board: null } : restore(slugOf(slug))
    })
    if (board === null) return
    await app.switchTo(board.slug)
  } catch (error) {
    toasts.fail(error, 'The board was not restored')
  }
}
