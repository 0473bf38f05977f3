import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';

/**
 * A release: a commit whose package.json has its version. It is recorded by a later commit, since no commit can name
 * itself.
 *
 * @typedef {{ version: string, commit: string }} Release
 */

/** @returns {readonly Release[]} of releases.json, oldest first */
export function recordedReleases() {
  return JSON.parse(readFileSync(join(root, 'releases.json'), 'utf8'));
}

/**
 * @param {string} [version] default: the last one recorded
 * @returns {Release}
 */
export function recordedRelease(version) {
  const releases = recordedReleases();
  const found = version ? releases.find((one) => one.version === version) : releases.at(-1);
  if (found) return found;
  const known = releases.map((one) => one.version).join(', ') || 'none';
  throw new Error(`releases.json has no release ${version ?? ''}; it has: ${known}`);
}

/**
 * Throws in words where the history that is here does not reach back to a commit.
 *
 * @param {string} commit
 */
export async function requireCommit(commit) {
  if ((await git('cat-file', '-e', `${commit}^{commit}`)).code === 0) return;
  throw new Error(
    (await isShallow())
      ? `commit ${commit} is not in this clone, which is a shallow one: run git fetch --unshallow`
      : `commit ${commit} is not in this clone: run git fetch, or correct releases.json`,
  );
}

/**
 * The version that package.json had at a commit; undefined where there is none.
 *
 * @param {string} commit
 * @returns {Promise<string | undefined>}
 */
export async function versionAt(commit) {
  const { code, output } = await git('show', `${commit}:package.json`);
  return code === 0 ? JSON.parse(output).version : undefined;
}

/** Whether the history that is here was cut off. */
export async function isShallow() {
  return (await git('rev-parse', '--is-shallow-repository')).output.trim() === 'true';
}

/**
 * What a commit records; nothing where it has no releases.json.
 *
 * @param {string} commit
 * @returns {Promise<readonly Release[]>}
 */
export async function releasesAt(commit) {
  const { code, output } = await git('show', `${commit}:releases.json`);
  return code === 0 ? JSON.parse(output) : [];
}

/** @param {...string} args */
export function git(...args) {
  return run('git', args, { cwd: root, quiet: true });
}
