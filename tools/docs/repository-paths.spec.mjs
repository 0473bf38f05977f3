import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { markdownPage } from './markdown-page.mjs';
import { RepositoryPaths, textOf } from './repository-paths.mjs';

describe('paths of the repository', () => {
  const paths = new RepositoryPaths(['libs/domain/src/hash.ts', 'libs/domain/src/hash.spec.ts', 'nx.json']);

  it('are files, folders, and names with a star', () => {
    for (const path of ['libs/domain/src/hash.ts', 'libs/domain/', 'libs/domain', 'libs/*/', 'nx.json', '.'])
      expect([path, paths.has(path)]).toEqual([path, true]);
    for (const path of ['libs/domain/src/hush.ts', 'libs/no/', 'libs/no/*.ts', 'hash.ts', 'nx.json/', 'lib'])
      expect([path, paths.has(path)]).toEqual([path, false]);
  });

  it('are distinguished from other words, and from patterns', () => {
    const words = ['npm test', 'run.queued', 'a/b', 'k8s/overlays/<overlay>/x.yaml', '0.2.0', '.spec.ts'];
    expect(paths.missing(words)).toEqual([]);
    expect(paths.missing(['libs/plain', 'hush.ts', '.int-spec.ts', 'nx.jsonn'])).toHaveLength(4);
  });
});

describe('docs/architecture.md', () => {
  it.each(['libs', 'apps'])('explains every project of %s', (folder) => {
    const explained = markdownPage(textOf('docs/architecture.md') ?? '').code;
    const projects = readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((project) => existsSync(join(root, project, 'project.json')));
    expect(projects.filter((project) => !explained.includes(project))).toEqual([]);
  });
});
