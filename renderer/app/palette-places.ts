import { SECTIONS } from '../settings/sections.ts'
import { type Action, actions } from '../shared/actions.svelte.ts'
import type { AppController } from './app-controller.svelte.ts'

/** @returns the places that the palette can open: boards, sections of the settings, profiles, import and export */
export function places(app: AppController): Action[] {
  const settings = (section: string) =>
    app.router.go({ view: 'settings', section, task: null, attempt: null, query: {} })
  const exchange = (what: 'import' | 'export') => () => {
    settings('data')
    actions.request(`settings.${what}`)
  }
  return [
    { id: 'place.import', label: 'Import a board…', group: 'Data', run: exchange('import') },
    { id: 'place.export', label: 'Export this board…', group: 'Data', run: exchange('export') },
    ...app.boards
      .filter(({ slug }) => slug !== app.board?.slug)
      .map(({ icon, name, slug }) => ({
        id: `place.board.${slug}`,
        label: `Open the board ${icon ?? ''} ${name}`.replace(/ {2,}/, ' '),
        group: 'Board',
        run: () => app.switchTo(slug),
      })),
    ...SECTIONS.map(({ key, name }) => ({
      id: `place.settings.${key}`,
      label: `Settings: ${name}`,
      group: 'Go',
      run: () => settings(key),
    })),
    ...(app.board?.profiles ?? []).flatMap(({ name }) => [
      {
        id: `place.runs.${name}`,
        label: `Runs of the profile ${name}`,
        group: 'Profile',
        run: () => app.router.view('runs', { profile: name }),
      },
      {
        id: `place.profile.${name}`,
        label: `Edit the profile ${name}`,
        group: 'Profile',
        run: () => {
          settings('profiles')
          actions.request(`profile.${name}`)
        },
      },
    ]),
  ]
}
