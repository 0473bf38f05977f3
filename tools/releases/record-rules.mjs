const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * What is wrong with releases.json whatever the history says.
 *
 * @param {readonly import('./recorded.mjs').Release[]} releases oldest first
 * @param {string} changelog text of CHANGELOG.md
 * @returns {readonly string[]} a line each
 */
export function recordFaults(releases, changelog) {
  const sections = new Set([...changelog.matchAll(/^## (\S+)/gm)].map(([, title]) => title));
  return releases.flatMap(({ version, commit }, at) => {
    const before = releases[at - 1]?.version;
    return [
      ...(VERSION.test(version) ? [] : [`version ${version}: write three numbers, as in 1.2.3`]),
      ...(COMMIT.test(commit) ? [] : [`${version}: commit ${commit}: write all 40 digits of its hash`]),
      ...(before === undefined || isLater(version, before)
        ? []
        : [`${version}: comes after ${before}: versions ascend, and each is there once`]),
      ...(sections.has(version) ? [] : [`${version}: CHANGELOG.md has no section "## ${version}": write it`]),
    ].map((fault) => `releases.json, ${fault}`);
  });
}

/** @param {string} version @param {string} other */
function isLater(version, other) {
  const [ours, theirs] = [version, other].map((text) => (VERSION.exec(text) ?? []).slice(1).map(Number));
  const at = (ours ?? []).findIndex((number, place) => number !== theirs?.[place]);
  return at >= 0 && (ours?.[at] ?? 0) > (theirs?.[at] ?? 0);
}

/**
 * What an earlier releases.json says and the present one does not: what is recorded once is not changed or removed.
 *
 * @param {readonly import('./recorded.mjs').Release[]} releases
 * @param {readonly import('./recorded.mjs').Release[]} earlier
 * @param {string} where the commit that has the earlier file
 * @returns {readonly string[]} a line each
 */
export function changedRecords(releases, earlier, where) {
  return earlier
    .filter(
      ({ version, commit }) => !releases.some((now) => now.version === version && now.commit === commit),
    )
    .filter(({ commit }) => !WITHDRAWN.has(commit))
    .map(
      ({ version, commit }) =>
        `releases.json, ${version}: is ${commit} as of commit ${where}: put it back, a recorded release stays as it is`,
    );
}

/** Recorded for minutes, before anybody could take it: messages of a later release came back out of step. */
const WITHDRAWN = new Set(['3533ea36a2379a920c997e0818c52614c6e4018d']);
