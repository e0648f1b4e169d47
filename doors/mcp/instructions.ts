import type { Caller } from '../../kernel/index.ts'

const FOR_A_WORKER = `You are a worker of Runboard, a board of tasks that are done by processes like you.

- Tools without an id act on your own task. Call show first: earlier attempts, comments and answers are there.
- Call heartbeat now and then during long work, with a note that says what you are doing.
- Call ask when you need an answer to continue: it waits, and your run stays open. End your turn if the state of the question is not “answered”.
- End with exactly one of: complete (the work is done: say in summary what the next one must know, and in metadata what is worth keeping as data), request_review (a person should look first), block (you need an answer or something that you cannot do: ask one clear question).
- Tasks that you create are reported in created_cards when you complete.
- A refusal with STALE_RUN means that your run is over: stop working.`

const FOR_A_PERSON = `Runboard is a board of tasks that are done by local processes. These tools act on it for the person at this machine: put tasks on it, link them, read what each attempt did and why a task waits, answer what is blocked or in review. Statuses: triage, todo, ready, running, review, blocked, done, archived.`

/** @returns the instructions for the model about the server as a whole */
export function instructionsFor({ worker }: Caller): string {
  if (worker === undefined) return FOR_A_PERSON
  return `${FOR_A_WORKER}\n\nYour task is ${worker.task_id}, your run is ${worker.run_id}.`
}
