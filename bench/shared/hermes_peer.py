"""Calls the kanban library of a Hermes checkout, for bench/peers.bench.ts: `python3 hermes_peer.py CHECKOUT yes|no`.

The second word says whether it compares the length of the board's file after each commit, if it knows how.

Reads a request a line on standard input, answers a line on standard output. Both are JSON.
"""

import json
import sqlite3
import sys
import time

sys.path.insert(0, sys.argv[1])
from hermes_cli import kanban_db as kanban  # noqa: E402

# The library may print; the answers have standard output to themselves.
answers = sys.stdout
sys.stdout = sys.stderr

# It opens and closes the board's file, with which the process loses its locks of it (POSIX: fcntl, F_SETLK).
LENGTH_CHECK = "_check_file_length_invariant"
if sys.argv[2] == "no":
    setattr(kanban, LENGTH_CHECK, lambda board: None)

board = kanban.connect()


def fill(count):
    """The same tasks as BareBoard.fill, in one transaction: 40 % ready, 60 % waiting, each for one of the ready tasks."""
    now = int(time.time())
    ready = []
    with kanban.write_txn(board):
        for number in range(count):
            is_ready = number % 10 < 4
            status = "ready" if is_ready else "todo"
            task = "t_%08x" % ((number * 0x9E3779B1) % 2**32)
            board.execute(
                "INSERT INTO tasks (id, title, body, assignee, status, created_by, created_at) "
                "VALUES (?, ?, 'What is to be done, in a sentence or two.', 'coder', ?, 'bench', ?)",
                (task, f"Task number {number}", status, now),
            )
            board.execute(
                "INSERT INTO task_events (task_id, kind, payload, created_at) VALUES (?, 'created', ?, ?)",
                (task, json.dumps({"status": status, "assignee": "coder"}), now),
            )
            if is_ready:
                ready.append(task)
            else:
                parent = ready[(number * 7) % len(ready)]
                board.execute("INSERT INTO task_links (parent_id, child_id) VALUES (?, ?)", (parent, task))
    return ready


def create():
    return kanban.create_task(board, title="A task", assignee="coder", created_by="bench")


def claim(task):
    if kanban.claim_task(board, task) is None:
        raise RuntimeError(f"{task} was not claimed")


def complete(task):
    if not kanban.complete_task(board, task, summary="Done"):
        raise RuntimeError(f"{task} was not completed")


def timed(body, inputs):
    """Milliseconds a call."""
    before = time.perf_counter()
    for given in inputs:
        body(*given)
    return (time.perf_counter() - before) * 1000 / len(inputs)


def write(seconds):
    """Tasks from their creation to their completion, one after the other, for some seconds."""
    cycles, errors, longest = 0, [], 0.0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        before = time.perf_counter()
        try:
            task = create()
            claim(task)
            complete(task)
            cycles += 1
        except (sqlite3.Error, RuntimeError) as error:
            errors.append(str(error))
        longest = max(longest, (time.perf_counter() - before) * 1000)
    return {"cycles": cycles, "longest_ms": longest, "errors": len(errors), "error": errors[0] if errors else None}


def answer(request):
    what = request["what"]
    if what == "fill":
        return fill(request["count"])
    if what == "create":
        return timed(create, [()] * request["count"])
    if what == "claim":
        return timed(claim, [(task,) for task in request["tasks"]])
    if what == "complete":
        return timed(complete, [(task,) for task in request["tasks"]])
    if what == "write":
        return write(request["seconds"])
    if what == "version":
        return {
            "python": sys.version.split()[0],
            "sqlite": sqlite3.sqlite_version,
            "checks_length": hasattr(kanban, LENGTH_CHECK),
        }
    raise ValueError(what)


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
