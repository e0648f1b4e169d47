export const TASK_LAYOUTS = ['drawer', 'page'] as const
export type TaskLayout = (typeof TASK_LAYOUTS)[number]

const KEY = 'runboard:task-layout'

/** Whether a task opens beside the board or over the whole window; kept in this app or browser. */
class DrawerMode {
  layout = $state<TaskLayout>(read())

  choose(layout: TaskLayout): void {
    this.layout = layout
    localStorage.setItem(KEY, layout)
  }
}

function read(): TaskLayout {
  const stored = localStorage.getItem(KEY)
  return TASK_LAYOUTS.find((layout) => layout === stored) ?? 'drawer'
}

export const drawerMode = new DrawerMode()
