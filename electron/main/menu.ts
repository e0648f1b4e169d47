import { Menu, app } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import type { Overview } from './overview.ts'
import { quitItem, updateItems } from './tray.ts'
import type { ShellActions } from './tray.ts'

const QUIT_KEY = 'CommandOrControl+Q'

function aboutItems(actions: ShellActions): MenuItemConstructorOptions[] {
  const show = () => {
    actions.showSettings('about')
  }
  return [{ label: `About ${app.name}`, click: show }, ...updateItems(actions)]
}

function settingsItem(actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: 'Settings…',
    accelerator: 'CommandOrControl+,',
    click: () => {
      actions.showSettings('app')
    },
  }
}

function appMenu(actions: ShellActions): MenuItemConstructorOptions[] {
  if (process.platform !== 'darwin') return []
  return [
    {
      label: app.name,
      submenu: [
        ...aboutItems(actions),
        { type: 'separator' },
        settingsItem(actions),
        { type: 'separator' },
        { role: 'hide' },
        { role: 'hideOthers' },
        { role: 'unhide' },
        { type: 'separator' },
        { ...quitItem(actions), accelerator: QUIT_KEY },
      ],
    },
  ]
}

function boardMenu(boards: Overview['boards'], actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: '&Board',
    submenu: [
      ...boards.map(({ slug, name }) => ({
        label: name.replaceAll('&', '&&'),
        click: () => {
          actions.open({ board: slug })
        },
      })),
      { type: 'separator' },
      {
        label: 'Pause all',
        click: () => {
          actions.setPaused(true)
        },
      },
      {
        label: 'Resume all',
        click: () => {
          actions.setPaused(false)
        },
      },
      { type: 'separator' },
      ...(process.platform === 'darwin' ? [] : [settingsItem(actions)]),
      { role: 'close' },
      ...(process.platform === 'darwin' ? [] : [{ ...quitItem(actions), accelerator: QUIT_KEY }]),
    ],
  }
}

/** Sets the menu of the app; to be called again when boards come or go. */
export function setAppMenu(boards: Overview['boards'], actions: ShellActions): void {
  const template: MenuItemConstructorOptions[] = [
    ...appMenu(actions),
    boardMenu(boards, actions),
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        // Without Shift on most keyboards.
        {
          role: 'zoomIn',
          accelerator: 'CommandOrControl+=',
          visible: false,
          acceleratorWorksWhenHidden: true,
        },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
    ...(process.platform === 'darwin' ? [] : [{ label: '&Help', submenu: aboutItems(actions) }]),
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
