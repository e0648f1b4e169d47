import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../../e2e/home.ts'

const BEFORE = `import csv
from pathlib import Path


def read_rows(path: Path) -> list[dict]:
    """All rows of a file."""
    with path.open() as file:
        return list(csv.DictReader(file))


def import_file(path: Path, store) -> int:
    rows = read_rows(path)
    for row in rows:
        store.add(row)
    return len(rows)
`

const AFTER = `import csv
from collections.abc import Iterator
from pathlib import Path

BATCH = 1000


def read_rows(path: Path) -> Iterator[dict]:
    """The rows of a file, one at a time."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def import_file(path: Path, store) -> int:
    batch, count = [], 0
    for row in read_rows(path):
        batch.append(row)
        if len(batch) == BATCH:
            count += store.add_all(batch)
            batch = []
    return count + store.add_all(batch)
`

const TEST = `from importer import import_file


def test_a_file_of_many_batches_is_imported_whole(store, many_rows):
    assert import_file(many_rows, store) == 2500
    assert store.batches == [1000, 1000, 500]
`

/** A board on a repository of its own, with a task whose work asks for review. @returns the id of that task */
export async function addReview(home: Home): Promise<string> {
  const project = join(home.path, 'importer')
  mkdirSync(project)
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: project })
  git('init', '-q', '-b', 'main')
  writeFileSync(join(project, 'importer.py'), BEFORE)
  git('add', '.')
  git('commit', '-q', '-m', 'Import files')
  writeFileSync(join(home.path, 'after.py'), AFTER)
  writeFileSync(join(home.path, 'test.py'), TEST)
  await home.cli('boards', 'create', 'importer', '--project', project)
  const commit = 'git -c user.name=coder -c user.email=coder@example.com commit -q'
  const work = [
    'cp "$RUNBOARD_HOME/after.py" importer.py',
    `${commit} -am "Read large files row by row, and store them in batches"`,
    'mkdir tests; cp "$RUNBOARD_HOME/test.py" tests/test_importer.py',
    'runboard request-review --summary "Files of any size are read now: **row by row**, stored in batches of 1,000."',
  ]
  await home.addProfile('coder', work.join('; '), '--description', 'Writes code in a worktree')
  const title = 'Import files that do not fit into memory'
  return home.create(title, '--assignee', 'coder', '--workspace', 'worktree', '--board', 'importer')
}
