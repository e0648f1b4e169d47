import { join } from 'node:path'
import { makeRepository, repositoryAt, type Repository } from './repository.ts'

const ALLOW = ['-c', 'protocol.file.allow=always']

/** A project with a submodule at `lib/sub`, which has one of its own at `deep`; both come from bare repositories beside it. */
export function addSubmodules(project: Repository): void {
  const beside = (name: string) => join(project.folder, '..', name)
  const deep = makeRepository(beside('deep'))
  deep.git('clone', '-q', '--bare', '.', beside('deep.git'))
  const sub = makeRepository(beside('sub'))
  sub.git(...ALLOW, 'submodule', '--quiet', 'add', beside('deep.git'), 'deep')
  sub.git('commit', '-q', '-m', 'Add deep')
  sub.git('clone', '-q', '--bare', '.', beside('sub.git'))
  project.git(...ALLOW, 'submodule', '--quiet', 'add', beside('sub.git'), 'lib/sub')
  project.git('commit', '-q', '-m', 'Add lib/sub')
  initSubmodules(project)
}

export function initSubmodules(repository: Repository): void {
  repository.git(...ALLOW, 'submodule', '--quiet', 'update', '--init', '--recursive')
}

export function submoduleAt(repository: Repository, path: string): Repository {
  return repositoryAt(join(repository.folder, path))
}
