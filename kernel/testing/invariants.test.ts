import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { RULES } from './invariants.ts'
import { addMaps, itemCards } from './mapping.ts'
import { setup } from './setup.ts'

const RUN = `INSERT INTO task_runs (task_id, attempt, trigger, claim_lock, host, started_at, ended_at, outcome)`

/** A way to break each rule, by the first words of its sentence. `A` and `B` are tasks; A is done, B is ready. `M` is at a map step, with two open items; `W` is the card of one of them, on a walk of its own, and running. */
const BREAKS: Record<string, string> = {
  'the pointer of a task leads to an open run': `UPDATE tasks SET status = 'running', current_run_id = 1, ready_at = NULL WHERE id = 'B'`,
  'an open run is pointed at': `UPDATE task_runs SET ended_at = NULL, outcome = NULL WHERE id = 1`,
  'a task is running if and only if': `UPDATE tasks SET status = 'running', ready_at = NULL WHERE id = 'B'`,
  'an open run has its claim': `UPDATE task_runs SET ended_at = NULL, outcome = NULL, claim_lock = NULL WHERE id = 1`,
  'a run has ended if and only if': `UPDATE task_runs SET outcome = NULL WHERE id = 1`,
  'an outcome is one of': `UPDATE task_runs SET outcome = 'vanished' WHERE id = 1`,
  'the moments of a run': `UPDATE task_runs SET ended_at = started_at - 1 WHERE id = 1`,
  'attempts of a task are numbered': `UPDATE task_runs SET attempt = 3 WHERE id = 1`,
  'only the newest attempt': `${RUN} VALUES ('A', 2, 'cli', NULL, NULL, 1, 1, 'completed');
    UPDATE task_runs SET ended_at = NULL, outcome = NULL WHERE id = 1`,
  'events of a task are in the order': `UPDATE task_events SET created_at = created_at + 1 WHERE task_id = 'A' AND kind = 'created'`,
  'an event has a known kind': `UPDATE task_events SET kind = 'sneezed' WHERE kind = 'created'`,
  'task-scoped events carry no run': `UPDATE task_events SET run_id = 1 WHERE task_id = 'A' AND kind = 'created'`,
  'an event and a comment of a run': `UPDATE task_events SET task_id = 'B' WHERE run_id = 1`,
  'a claimed run has one event': `DELETE FROM task_events WHERE kind = 'claimed'`,
  'an ended run has one event': `DELETE FROM task_events WHERE kind = 'completed'`,
  'no task waits in todo': `UPDATE tasks SET status = 'todo', ready_at = NULL WHERE id = 'B'`,
  'no ready task has an open parent': `UPDATE tasks SET status = 'review', completed_at = NULL WHERE id = 'A'`,
  'no links lead in a circle': `INSERT INTO task_links VALUES ('B', 'A')`,
  'the fields of a status': `UPDATE tasks SET retry_at = 5 WHERE id = 'A'`,
  'the counts of statuses': `UPDATE status_counts SET count = count + 1 WHERE status = 'todo'`,
  'a walk has one open visit': `UPDATE tasks SET workflow_run_id = NULL WHERE id = 'W';
    UPDATE workflow_runs SET ended_at = started_at, end_state = 'failed' WHERE task_id = 'W'`,
  'a task points at its open walk': `UPDATE tasks SET current_step_key = 'built' WHERE id = 'W'`,
  'a visit has a verdict if and only if': `UPDATE workflow_visits SET verdict = 'good' WHERE left_at IS NULL`,
  'the visit of a run is one of its task': `UPDATE task_runs SET step_key = 'built' WHERE task_id = 'W'`,
  'an open run of a card on a walk': `UPDATE task_runs SET visit_id = NULL WHERE task_id = 'W'`,
  'only the work of an item that succeeded': `UPDATE workflow_items SET joined_at = 1`,
  'an item of an open map': `UPDATE workflow_items SET state = 'succeeded'`,
  'no item is open after its visit': `UPDATE workflow_visits SET left_at = 1, verdict = 'succeeded' WHERE left_at IS NULL`,
  'a card at a map step waits for each': `DELETE FROM task_links WHERE child_id = 'M'`,
  'a card at a map step is in todo': `UPDATE tasks SET status = 'ready', ready_at = 1 WHERE id = 'M'`,
  'the card of an item was created as one': `UPDATE task_events SET payload = '{}' WHERE kind = 'created'`,
  'an open question has an open run': `INSERT INTO questions (run_id, kind, title, asked_at) VALUES (1, 'text', 'Which?', 1)`,
  'no two tasks on the board share': `DROP INDEX tasks_idempotency_key;
    UPDATE tasks SET idempotency_key = 'k'`,
}

it.each(RULES.map((rule) => rule.holds))('finds a board that breaks the rule that %s', async (holds) => {
  const bundle = await setup()
  const { create, claim, call, inspector, board } = bundle
  const a = await create()
  const b = await create({ parents: [a.id] })
  const { worker } = await claim(a.id)
  await call('task.complete', { id: a.id, summary: 'Done' }, worker)
  await addMaps(bundle)
  const m = await create()
  const inputs = { parts: ['one', 'two'] }
  await call('workflow.start', { id: m.id, name: 'fan', inputs, roles: { builder: 'builder' } })
  const { task: w } = await claim((await itemCards(bundle, m.id)).get('one') ?? '')
  const broken = Object.entries(BREAKS).find(([start]) => holds.startsWith(start))
  if (broken === undefined) throw new Error(`no way is known to break “${holds}”`)

  const db = new Database(join(board.folder, 'board.db'))
  db.pragma('foreign_keys = OFF')
  db.pragma('ignore_check_constraints = ON')
  db.exec(
    broken[1]
      .replaceAll(`'A'`, `'${a.id}'`)
      .replaceAll(`'B'`, `'${b.id}'`)
      .replaceAll(`'M'`, `'${m.id}'`)
      .replaceAll(`'W'`, `'${w.id}'`),
  )
  db.close()

  expect(inspector.breaches().some((sentence) => sentence.includes(holds))).toBe(true)
})

it('does not mistake the writes of another connection to the search index for damage', async () => {
  const { create, call, inspector } = await setup()
  for (let count = 0; count < 20; count++) {
    const { id } = await create({ title: `word${count}`, body: 'more words to be found' })
    await call('comment.add', { id, body: `and ${count} more` })
  }
  expect(inspector.breaches()).toEqual([])
})
