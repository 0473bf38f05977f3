import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/** Files of a tree that a build reads. */
const PARTS = [
  'apps',
  'libs',
  'tools/kernel',
  'tools/packing',
  'tools/workspace',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  '.swcrc',
];
const LEFT_OUT = /(^|\/)(node_modules|dist|fixtures)$|\.(int-|e2e-)?spec\.m?ts$/;

/**
 * Writes the sources of a commit into an empty folder.
 *
 * @param {string} commit
 * @param {string} to
 */
export async function writeCommit(commit, to) {
  const archive = join(to, '.archive.tar');
  await mustRun('git', ['archive', '--output', archive, commit, '--', ...PARTS], { cwd: root, quiet: true });
  await mustRun('tar', ['-xf', archive, '-C', to], { quiet: true });
}

/**
 * Writes the current sources, committed or not, into an empty folder.
 *
 * @param {string} to
 */
export function writeCheckout(to) {
  for (const part of PARTS)
    cpSync(join(root, part), join(to, part), { recursive: true, filter: (path) => !LEFT_OUT.test(path) });
}

/**
 * Links packages into a tree, and the training kernel's native builds if its sources are the same. Without them the
 * tree's kernel is its WebAssembly module.
 *
 * @param {string} tree
 */
export function linkBuilt(tree) {
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  const kernel = join('libs', 'training-kernel', 'c');
  const builds = join(root, 'dist', 'training-kernel');
  if (!existsSync(builds) || hashOf(join(tree, kernel)) !== hashOf(join(root, kernel))) return;
  mkdirSync(join(tree, 'dist'));
  symlinkSync(builds, join(tree, 'dist', 'training-kernel'));
}

/**
 * The sha256 of all current files that a build reads, as hex.
 *
 * @returns {string}
 */
export function checkoutHash() {
  const hash = createHash('sha256');
  for (const part of [...PARTS, 'tools/releases']) hash.update(hashOf(join(root, part)));
  return hash.digest('hex');
}

/**
 * Hash of a file, or of the names and bytes of all files of a folder.
 *
 * @param {string} path
 * @returns {string}
 */
function hashOf(path) {
  const hash = createHash('sha256');
  if (!existsSync(path)) return hash.digest('hex');
  const entries = readEntries(path);
  if (!entries) return hash.update(readFileSync(path)).digest('hex');
  for (const name of entries.sort()) {
    const inner = join(path, name);
    if (!LEFT_OUT.test(inner)) hash.update(`${name}\n${hashOf(inner)}\n`);
  }
  return hash.digest('hex');
}

/** @param {string} path @returns {string[] | undefined} */
function readEntries(path) {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}
