import { Menu, app } from 'electron'
import type { MenuItemConstructorOptions } from 'electron'
import type { Overview } from './overview.ts'
import { QUIT_LABEL } from './tray.ts'
import type { TrayActions } from './tray.ts'

function quitItem(): MenuItemConstructorOptions {
  return {
    label: QUIT_LABEL,
    accelerator: 'CommandOrControl+Q',
    click: () => {
      app.quit()
    },
  }
}

function appMenu(): MenuItemConstructorOptions[] {
  if (process.platform !== 'darwin') return []
  return [
    {
      label: app.name,
      submenu: [
        { role: 'about' },
        { type: 'separator' },
        { role: 'hide' },
        { role: 'hideOthers' },
        { role: 'unhide' },
        { type: 'separator' },
        quitItem(),
      ],
    },
  ]
}

function boardMenu(boards: Overview['boards'], actions: TrayActions): MenuItemConstructorOptions {
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
      { role: 'close' },
      ...(process.platform === 'darwin' ? [] : [quitItem()]),
    ],
  }
}

/** Sets the menu of the app; to be called again when boards come or go. */
export function setAppMenu(boards: Overview['boards'], actions: TrayActions): void {
  const template: MenuItemConstructorOptions[] = [
    ...appMenu(),
    boardMenu(boards, actions),
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
