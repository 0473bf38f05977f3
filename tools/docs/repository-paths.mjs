import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../workspace/root.mjs';

const IN_BACKTICKS = /`((?:apps|libs|tools|docs|docker|k8s|e2e|examples)\/[^\s`]*)`/g;
/** `k8s/overlays/<overlay>/..`: a form, no path. */
const FORM = /[<>]|\.\.$/;

/** Paths of the repository that a page names in backticks. @param {string} text */
export function namedPaths(text) {
  return [...text.matchAll(IN_BACKTICKS)].flatMap(([, path = '']) => (FORM.test(path) ? [] : [path]));
}

/** Whether a file or folder is there; `*` stands for any part of a name. @param {string} path */
export function isThere(path) {
  const name = basename(path);
  if (!name.includes('*')) return existsSync(join(root, path));
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const folder = join(root, dirname(path));
  return (
    existsSync(folder) && readdirSync(folder).some((one) => new RegExp(`^${parts.join('.*')}$`).test(one))
  );
}
