import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { table } from './markdown.mjs';

const OF_A_LIB = /\bfrom '@factory\/([a-z-]+)/g;
const SPEC = /spec|fixtures|conformance/;

/** What each project of the workspace imports: specs and their shared code are left out. */
export function importTable() {
  const folders = ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => ({ name, folder: join(folder, name) })),
  );
  const rows = folders
    .filter(({ folder }) => existsSync(join(root, folder, 'project.json')))
    .map(({ name, folder }) => [name, layerOf(folder), importsOf(folder).join(', ')]);
  return table(['project', 'layer', 'imports'], rows);
}

/** @param {string} folder */
function layerOf(folder) {
  /** @type {{ tags: string[] }} */
  const { tags } = JSON.parse(readFileSync(join(root, folder, 'project.json'), 'utf8'));
  return tags.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length) ?? '';
}

/** @param {string} folder */
function importsOf(folder) {
  const files = readdirSync(join(root, folder, 'src'), { recursive: true, encoding: 'utf8' });
  const imported = files
    .filter((file) => file.endsWith('.ts') && !SPEC.test(file))
    .flatMap((file) => [...readFileSync(join(root, folder, 'src', file), 'utf8').matchAll(OF_A_LIB)])
    .map(([, lib = '']) => lib);
  return [...new Set(imported)].sort();
}
