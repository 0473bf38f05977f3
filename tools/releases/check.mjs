import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../workspace/error-message.mjs';
import { root } from '../workspace/root.mjs';
import { changedRecords, recordFaults } from './record-rules.mjs';
import { git, isShallow, recordedReleases, releasesAt, requireCommit, versionAt } from './recorded.mjs';

const HELP = `node tools/releases/check.mjs

Checks releases.json: versions ascend, each has a section in CHANGELOG.md and the full hash of a commit that is in the
clone, has that version in its package.json, and is an ancestor of the next one and of HEAD; nothing that an earlier
commit recorded is changed or gone; the last version is that of package.json here. A commit that brings a new version
cannot name itself: it alone may be a version ahead. Ends with 1 when there is a fault.`;

/** @returns {Promise<readonly string[]>} what is wrong, a line each */
export async function releaseFaults() {
  const releases = recordedReleases();
  const faults = [...recordFaults(releases, readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))];
  for (const [at, release] of releases.entries()) {
    const fault = await faultOf(release, releases[at + 1]?.commit).catch(messageOf);
    if (fault) faults.push(`releases.json, ${release.version}: ${fault}`);
  }
  return faults.length > 0 ? faults : [...(await changesOf(releases)), ...(await lastFaults(releases))];
}

/**
 * @param {import('./recorded.mjs').Release} release
 * @param {string} [next] commit of the next release
 */
async function faultOf({ version, commit }, next) {
  await requireCommit(commit);
  for (const descendant of ['HEAD', ...(next ? [next] : [])]) {
    if ((await git('merge-base', '--is-ancestor', commit, descendant)).code !== 0)
      return `commit ${commit} is in the clone, but not in the history of ${descendant}`;
  }
  const there = await versionAt(commit);
  return there === version ? undefined : `package.json of commit ${commit} says ${there}`;
}

/** @param {readonly import('./recorded.mjs').Release[]} releases */
async function changesOf(releases) {
  if (await isShallow()) return ['releases.json: this clone is a shallow one: run git fetch --unshallow'];
  const { output } = await git('log', '--full-history', '--format=%H', '--', 'releases.json');
  const faults = [];
  for (const commit of output.split('\n').filter(Boolean))
    faults.push(...changedRecords(releases, await releasesAt(commit), commit));
  return faults;
}

/** @param {readonly import('./recorded.mjs').Release[]} releases */
async function lastFaults(releases) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const last = releases.at(-1)?.version;
  if (last === version || (await isJustBrought(version))) return [];
  return [
    `package.json says ${version}, the last of releases.json is ${last}: record the commit that brought ${version}`,
  ];
}

/**
 * Whether a version is that of the last commit, or of changes that are not committed, and of nothing before.
 *
 * @param {string} version
 */
async function isJustBrought(version) {
  const before = (await versionAt('HEAD')) === version ? 'HEAD^' : 'HEAD';
  return (await versionAt(before)) !== version;
}

async function main() {
  if (process.argv.includes('--help')) return console.log(HELP);
  const faults = await releaseFaults();
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
