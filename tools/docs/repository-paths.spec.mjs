import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { isThere, namedPaths } from './repository-paths.mjs';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe('paths in backticks', () => {
  it('are told from other words, and from forms of paths', () => {
    const text =
      'Look at `libs/domain/src/hash.ts`, `npm test`, `k8s/overlays/<overlay>/x.yaml`, and libs/plain.';
    expect(namedPaths(text)).toEqual(['libs/domain/src/hash.ts']);
  });

  it('are looked for: files, folders, and names with a star', () => {
    expect(['libs/domain/src/hash.ts', 'libs/domain/', 'libs/domain/src/has*.ts'].map(isThere)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      ['libs/domain/src/hush.ts', 'libs/no/', 'libs/no/*.ts', 'libs/domain/src/zz*.ts'].map(isThere),
    ).toEqual([false, false, false, false]);
  });

  it.each(PAGES)('of %s lead to something', (page) => {
    const missing = namedPaths(readFileSync(join(root, page), 'utf8')).filter((path) => !isThere(path));
    expect(missing).toEqual([]);
  });

  it.each(['libs', 'apps'])('explain every project of %s in docs/architecture.md', (folder) => {
    const explained = namedPaths(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
    const projects = readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((project) => existsSync(join(root, project, 'project.json')));
    expect(projects.filter((project) => !explained.includes(project))).toEqual([]);
  });
});
