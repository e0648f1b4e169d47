import type { CommandField, OperationName } from '../../contract/index.ts'

/**
 * @param other the id of a task that is not the caller's own
 * @returns an input with a value for the listed field, and what its operation needs beside it
 */
export function callOf({ operation, field }: CommandField, other: string): Record<string, unknown> {
  const values: Record<string, unknown> = {
    verify_command: 'touch /tmp/ran',
    workspace: 'dir:/tmp/elsewhere',
    project_dir: '/tmp',
    settings: { project_dir: '/tmp' },
    command: ['true'],
    shell: 'true',
    env: { A: 'b' },
    preset: 'shell',
    fields: { shell: 'true' },
    name: 'coder',
    path: '/tmp/board.json',
  }
  const beside: Partial<Record<OperationName, Record<string, unknown>>> = {
    'task.create': { title: 'A task' },
    'task.edit': { id: other },
    'board.create': { slug: 'mine' },
    'board.set': { slug: 'test' },
    'profile.add': { name: 'new' },
    'profile.set': { name: 'coder' },
  }
  return { ...beside[operation], [field]: values[field] }
}
