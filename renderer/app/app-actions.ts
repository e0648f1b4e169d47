import { creation } from '../board/create/creation.svelte.ts'
import type { Action } from '../shared/actions.svelte.ts'
import { theme } from '../shared/theme.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { VIEWS } from '../../formats/views.ts'
import type { AppController } from './app-controller.svelte.ts'

/** Actions available anywhere in the window. */
export function appActions(app: AppController): Action[] {
  return [
    {
      id: 'app.palette',
      label: 'Search and commands',
      group: 'Window',
      keys: ['mod+k'],
      inFields: true,
      hidden: true,
      run: () => (app.overlay = 'palette'),
    },
    {
      id: 'app.undo',
      label: 'Undo',
      group: 'Window',
      keys: ['mod+z'],
      enabled: () => toasts.undoable !== undefined,
      run: () => toasts.undoable !== undefined && toasts.act(toasts.undoable),
    },
    {
      // Also in the menu of the desktop app. If the board is still loading, the form opens with the board.
      id: 'app.new-task',
      label: 'New task…',
      group: 'Board',
      keys: ['c'],
      enabled: () => app.phase !== 'first_start',
      run: () => creation.start({ status: 'ready' }),
    },
    {
      id: 'app.keys',
      label: 'Keyboard shortcuts',
      group: 'Window',
      keys: ['?'],
      run: () => (app.overlay = 'keys'),
    },
    ...VIEWS.flatMap((entry): Action[] =>
      'command' in entry
        ? [
            {
              id: `app.${entry.view}`,
              label: entry.command.label,
              group: 'Go',
              keys: [entry.command.keys],
              run: () => app.router.view(entry.view),
            },
          ]
        : [],
    ),
    {
      id: 'app.pause',
      label: 'Pause or resume the board',
      group: 'Board',
      keys: ['p'],
      scope: 'board',
      enabled: () => app.board?.dispatcher !== undefined,
      run: () => app.board?.setPaused(!(app.board.dispatcher?.paused ?? false)),
    },
    {
      id: 'app.new-board',
      label: 'New board…',
      group: 'Window',
      run: () => void (app.overlay = 'new-board'),
    },
    {
      id: 'app.theme',
      label: 'Switch between light and dark',
      group: 'Window',
      run: () => theme.choose(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'app.theme-system',
      label: 'Follow the system theme',
      group: 'Window',
      run: () => theme.choose('system'),
    },
  ]
}
