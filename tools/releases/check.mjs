import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../workspace/error-message.mjs';
import { root } from '../workspace/root.mjs';
import { git, recordedReleases, requireCommit, versionAt } from './recorded.mjs';

const HELP = `node tools/releases/check.mjs

Whether releases.json and package.json agree: every commit that it names is in the clone, an ancestor of this one,
and has that version in its package.json; the last version is that of package.json here. A commit that brings a new
version cannot name itself: it alone may be a version ahead. Ends with 1 when there is a fault.`;

/** @returns {Promise<readonly string[]>} what is wrong, a line each */
export async function releaseFaults() {
  const releases = recordedReleases();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const faults = [];
  for (const release of releases) {
    const fault = await faultOf(release).catch(messageOf);
    if (fault) faults.push(`releases.json, ${release.version}: ${fault}`);
  }
  const last = releases.at(-1)?.version;
  if (faults.length === 0 && last !== version && !(await isJustBrought(version)))
    faults.push(
      `package.json says ${version}, the last of releases.json is ${last}: record the commit that brought ${version}`,
    );
  return faults;
}

/** @param {import('./recorded.mjs').Release} release */
async function faultOf({ version, commit }) {
  await requireCommit(commit);
  if ((await git('merge-base', '--is-ancestor', commit, 'HEAD')).code !== 0)
    return `commit ${commit} is in the clone, but not in the history of this one`;
  const there = await versionAt(commit);
  return there === version ? undefined : `package.json of commit ${commit} says ${there}`;
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
