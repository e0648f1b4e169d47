import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { TASK_STATUSES } from '../../contract/index.ts'
import { writeHermesFile } from '../../kernel/testing/hermes-file.ts'
import type { HappyPaths } from './test-happy-path.ts'
import { addProfile } from './test-stage.ts'

const some = expect.anything()

/** Successful calls of the operations on boards, profiles, the dispatcher and the home. */
export const HOME_PATHS: HappyPaths = {
  'board.init': async (scene, stage) => {
    const [slug, project_dir] = [stage.freshName(), join(scene.home, stage.freshName())]
    mkdirSync(project_dir)
    return {
      input: { slug, name: 'Mine', project_dir },
      gives: { board: { slug, name: 'Mine', project_dir } },
    }
  },
  'settings.show': async () => ({
    input: {},
    gives: { settings: { quit_policy: 'leave', notify: 'attention' } },
  }),
  'settings.set': async () => {
    const settings = { min_free_memory_mb: 0, quiet_from: '22:00', quiet_until: '07:00' }
    return { input: { settings }, gives: { settings } }
  },
  'board.list': async (scene) => ({
    input: {},
    gives: { boards: expect.arrayContaining([expect.objectContaining({ slug: scene.slug })]) },
  }),
  'board.create': async (_scene, stage) => {
    const board = { slug: stage.freshName(), name: 'New', icon: '🚀', color: 'red' }
    return { input: board, gives: { board: { ...board, archived: false, counts: { ready: 0 } } } }
  },
  'board.switch': async (scene) => ({
    input: { slug: scene.slug },
    gives: { board: { slug: scene.slug, current: true } },
  }),
  'board.show': async (scene) => {
    await scene.create()
    return { input: {}, gives: { board: { slug: scene.slug, counts: { ready: 1 } } } }
  },
  'board.rename': async (scene) => ({
    input: { slug: scene.slug, name: 'Renamed' },
    gives: { board: { slug: scene.slug, name: 'Renamed' } },
  }),
  'board.set': async (scene) => {
    const settings = { max_running: 3, stale_after_seconds: 60 }
    return { input: { slug: scene.slug, settings }, gives: { board: { settings } } }
  },
  'board.archive': async (scene) => ({
    input: { slug: scene.slug },
    gives: { archived: scene.slug, path: expect.stringContaining(scene.slug) },
  }),
  // Restores a separate board: tasks may be running on the scene's board.
  'board.restore': async (scene, stage) => {
    const slug = stage.freshName()
    await scene.do('board.create', { slug })
    await scene.do('board.archive', { slug })
    return { input: { name: slug }, gives: { board: expect.objectContaining({ slug, archived: false }) } }
  },
  'board.commands': async (scene) => ({
    input: {},
    gives: { board: scene.slug, unaccepted: false, would_run: [], would_run_total: 0 },
  }),
  'board.accept': async (scene) => ({
    input: { slug: scene.slug },
    gives: { board: scene.slug, accepted: false, would_run: [], would_run_total: 0 },
  }),
  'board.delete': async (scene) => ({ input: { slug: scene.slug }, gives: { deleted: scene.slug } }),
  'board.view': async (scene) => {
    const id = await scene.create()
    const columns = TASK_STATUSES.filter((status) => status !== 'archived').map((status) =>
      expect.objectContaining({
        status,
        cards: status === 'ready' ? [expect.objectContaining({ id })] : [],
      }),
    )
    return { input: {}, gives: { columns, cursor: expect.any(Number), dispatcher: { who: 'none' } } }
  },
  'board.changes': async (scene) => {
    await scene.create()
    const { cursor } = await scene.do('board.view', {})
    const id = await scene.create()
    return {
      input: { since: cursor },
      gives: { reset: false, cards: [{ id }], removed: [], counts: { ready: 2 } },
    }
  },
  'event.list': async (scene) => {
    const id = await scene.create()
    const gives = { events: [{ task_id: id, kind: 'created', actor: 'ada', run_id: null }], cursor: some }
    return { input: { task_id: id }, gives }
  },
  'dispatcher.dispatch': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile)
    const id = await scene.create({ assignee: profile })
    const gives = { claimed: [{ task_id: id, run_id: null, profile }], skipped: [], dry_run: true }
    return { input: { dry_run: true }, gives }
  },
  'dispatcher.show': async () => ({ input: {}, gives: { dispatcher: { who: 'none', paused: false } } }),
  'dispatcher.pause': async () => ({ input: {}, gives: { dispatcher: { paused: true } } }),
  'dispatcher.resume': async (scene) => {
    await scene.do('dispatcher.pause', {})
    return { input: {}, gives: { dispatcher: { paused: false } } }
  },
  'worker.list': async (scene) => {
    const { id } = await scene.running()
    return { input: {}, gives: { workers: [{ task_id: id, attempt: 1, alive: false, worker_pid: null }] } }
  },
  'stats.show': async (scene) => {
    await scene.do('task.block', { id: await scene.create(), reason: 'Which?' })
    const gives = { by_status: { blocked: 1, ready: 0 }, by_outcome: { blocked: 1 }, needs_me: 1 }
    return { input: {}, gives }
  },
  'usage.show': async (scene) => {
    await scene.do('task.complete', { id: await scene.create({ labels: ['ui'] }), summary: 'Done' })
    const none = { runs: 0, success_rate: null, cost_usd: null }
    const gives = {
      ...{ by: 'label', time_zone: 'Europe/Berlin', total: { ...none, tasks_done: 1 } },
      rows: [{ ...none, key: 'ui', tasks_done: 1 }],
    }
    return { input: { days: 7, by: 'label', time_zone: 'Europe/Berlin' }, gives }
  },
  'inbox.show': async (scene) => {
    const id = await scene.create({ title: 'Asks' })
    await scene.do('task.block', { id, reason: 'Which?' })
    const item = { group: 'questions', kind: 'blocked', task: { id }, sentence: some, unseen: true }
    const groups = { questions: 1, reviews: 0, failures: 0, finished: 0 }
    const counts = { needs_you: 1, failed: 0, finished: 0, unseen: 1, groups }
    return { input: { seen: true }, gives: { needs_you: [item], failed: [], counts, seen_until: 0 } }
  },
  'inbox.mark_seen': async (scene) => {
    await scene.create()
    const { cursor } = await scene.do('inbox.show', {})
    return { input: { until: cursor }, gives: { seen_until: cursor } }
  },
  'inbox.mark_unseen': async (scene) => {
    const id = await scene.create({ title: 'Asks' })
    await scene.do('task.block', { id, reason: 'Which?' })
    return { input: { id }, gives: { id } }
  },
  'diagnostics.list': async (scene) => {
    const task_id = await scene.create({ assignee: 'nobody-of-that-name' })
    const found = { task_ids: [task_id], severity: some, sentence: some }
    return { input: { severity: 'info', task_id }, gives: { diagnostics: [found] } }
  },
  'profile.list': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    const profile = expect.objectContaining({ name, shell: 'true', running: 0, held_since: null })
    return { input: {}, gives: { profiles: expect.arrayContaining([profile]), broken: [] } }
  },
  'opener.list': async (scene) => {
    await scene.do('settings.set', { settings: { open_in: { mine: ['true', '{path}'] } } })
    const mine = expect.objectContaining({ name: 'mine', kind: 'own', opens_files: true })
    return { input: {}, gives: { openers: expect.arrayContaining([mine]) } }
  },
  'task.open_in': async (scene, stage) => {
    const path = join(scene.home, stage.freshName())
    mkdirSync(path)
    writeFileSync(join(path, 'note.md'), '')
    await scene.do('settings.set', { settings: { open_in: { mine: ['true', '{path}:{line}'] } } })
    const id = await scene.create({ workspace: `dir:${path}` })
    return {
      input: { id, opener: 'mine', file: 'note.md', line: 3 },
      gives: { opener: 'mine', path: join(path, 'note.md'), command: [some, `${join(path, 'note.md')}:3`] },
    }
  },
  'project.look': async (scene) => ({
    input: { path: scene.home },
    gives: { project: { path: scene.home, problem: null, branch: null, workspace: 'scratch', boards: [] } },
  }),
  'project.files': async (scene, stage) => {
    const project_dir = join(scene.home, stage.freshName())
    mkdirSync(project_dir)
    writeFileSync(join(project_dir, 'note.md'), '')
    await scene.do('board.set', { slug: scene.slug, settings: { project_dir } })
    return { input: { q: 'nt' }, gives: { files: ['note.md'] } }
  },
  'profile.presets': async () => {
    const preset = expect.objectContaining({ name: 'shell', executable: some, executable_error: null })
    return { input: {}, gives: { presets: expect.arrayContaining([preset]) } }
  },
  'profile.show': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name, { description: 'Does it' })
    return { input: { name }, gives: { profile: { name, description: 'Does it', env: {} } } }
  },
  'profile.add': async (_scene, stage) => {
    const fields = {
      name: stage.freshName(),
      command: ['sh', '-c', 'true'],
      env: { A: '1' },
      max_concurrent: 2,
    }
    return { input: fields, gives: { profile: { ...fields, completion: 'explicit' } } }
  },
  'profile.set': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    const fields = { max_concurrent: 4, description: 'Changed' }
    return { input: { name, fields }, gives: { profile: { name, shell: 'true', ...fields } } }
  },
  'profile.test': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    return {
      input: { name, timeout_seconds: 30 },
      gives: { ok: true, profile: name, outcome: 'completed', exit_code: 0 },
    }
  },
  'profile.remove': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    return { input: { name }, gives: { removed: name } }
  },
  'profile.release': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    return { input: { name }, gives: { released: false, name } }
  },
  'view.list': async (scene) => {
    await scene.do('view.save', { name: 'Mine', query: { status: 'ready' } })
    return { input: {}, gives: { views: [{ name: 'Mine', query: { status: 'ready' } }] } }
  },
  'view.save': async () => {
    const view = { name: 'Urgent & mine', query: { q: 'a=b', status: 'ready,todo' } }
    return { input: view, gives: { view } }
  },
  'view.delete': async (scene, stage) => {
    const name = `View/${stage.freshName()}?`
    await scene.do('view.save', { name, query: {} })
    return { input: { name }, gives: { deleted: name } }
  },
  'demo.create': async () => ({ input: {}, gives: { board: some, tasks: some } }),
  'backup.create': async (scene) => {
    await scene.create()
    return { input: {}, gives: { path: expect.stringContaining(scene.slug), tasks: 1, runs: 0 } }
  },
  'backup.list': async (scene) => {
    const { path } = await scene.do('backup.create', {})
    return { input: {}, gives: { backups: [{ path, reason: 'hand' }] } }
  },
  'doctor.run': async (scene) => ({
    input: { slug: scene.slug },
    gives: { ok: expect.any(Boolean), checks: some },
  }),
  'gc.run': async () => ({ input: { dry_run: true }, gives: { dry_run: true, events_removed: 0, logs: [] } }),
  'backup.restore': async (scene) => {
    await scene.create()
    const { path } = await scene.do('backup.create', {})
    return { input: { slug: scene.slug, path }, gives: { board: scene.slug, tasks: 1, set_aside: some } }
  },
  'exchange.export': async (scene, stage) => {
    await scene.create()
    const out = outside(scene.home, `${stage.freshName()}.json`)
    return { input: { out }, gives: { path: out, format: 'json', tasks: 1, runs: 0 } }
  },
  'exchange.import_json': async (scene, stage) => {
    await scene.create()
    const [path, slug] = [outside(scene.home, `${stage.freshName()}.json`), stage.freshName()]
    await scene.do('exchange.export', { out: path })
    return { input: { path, slug }, gives: { board: slug, tasks: 1, warnings: [] } }
  },
  'exchange.import_hermes': async (scene, stage) => {
    const [path, slug] = [outside(scene.home, `${stage.freshName()}.db`), stage.freshName()]
    writeHermesFile(path)
    return { input: { path, slug }, gives: { board: slug, tasks: 1 } }
  },
}

/** A file beside the home: Runboard writes no files for people inside it. */
function outside(home: string, name: string): string {
  const folder = `${home}-files`
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}
