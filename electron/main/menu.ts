import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import { TABS } from '../../formats/views.ts'
import type { Overview } from './overview.ts'
import { quitItem, type ShellActions, updateItems } from './tray.ts'

const QUIT_KEY = 'CommandOrControl+Q'
const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }

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

/** An item whose action runs in the page of the front window, by the ids in renderer/app/app-actions.ts. */
function pageItem(
  label: string,
  action: string,
  actions: ShellActions,
  accelerator?: string,
): MenuItemConstructorOptions {
  const click = () => {
    actions.act(action)
  }
  return accelerator === undefined ? { label, click } : { label, accelerator, click }
}

function goMenu(actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: '&Go',
    submenu: [
      ...TABS.map(({ view, tab }, index) =>
        pageItem(tab, `app.${view}`, actions, `CommandOrControl+${index + 1}`),
      ),
      SEPARATOR,
      pageItem('Search and Commands…', 'app.palette', actions),
    ],
  }
}

function helpMenu(actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: '&Help',
    role: 'help',
    submenu: [
      { label: 'Documentation', click: actions.showDocumentation },
      pageItem('Keyboard Shortcuts', 'app.keys', actions),
      ...(process.platform === 'darwin' ? [] : [SEPARATOR, ...aboutItems(actions)]),
    ],
  }
}

function appMenu(actions: ShellActions): MenuItemConstructorOptions[] {
  if (process.platform !== 'darwin') return []
  return [
    {
      label: app.name,
      submenu: [
        ...aboutItems(actions),
        SEPARATOR,
        settingsItem(actions),
        SEPARATOR,
        { role: 'hide' },
        { role: 'hideOthers' },
        { role: 'unhide' },
        SEPARATOR,
        { ...quitItem(actions), accelerator: QUIT_KEY },
      ],
    },
  ]
}

function boardMenu(boards: Overview['boards'], actions: ShellActions): MenuItemConstructorOptions {
  return {
    label: '&Board',
    submenu: [
      pageItem('New Task…', 'app.new-task', actions, 'CommandOrControl+N'),
      pageItem('New Board…', 'app.new-board', actions),
      SEPARATOR,
      ...boards.map(({ slug, name }) => ({
        label: name.replaceAll('&', '&&'),
        click: () => {
          actions.open({ board: slug })
        },
      })),
      SEPARATOR,
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
      SEPARATOR,
      ...(process.platform === 'darwin' ? [] : [settingsItem(actions)]),
      { role: 'close' },
      ...(process.platform === 'darwin' ? [] : [{ ...quitItem(actions), accelerator: QUIT_KEY }]),
    ],
  }
}

/** Sets the app's menu; call it again when boards are added or removed. */
export function setAppMenu(boards: Overview['boards'], actions: ShellActions): void {
  const template: MenuItemConstructorOptions[] = [
    ...appMenu(actions),
    boardMenu(boards, actions),
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        { role: 'reload' },
        SEPARATOR,
        { role: 'resetZoom' },
        { role: 'zoomIn' }, // Ctrl+= too (board-windows.ts)
        { role: 'zoomOut' },
        SEPARATOR,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    goMenu(actions),
    { role: 'windowMenu' },
    helpMenu(actions),
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
