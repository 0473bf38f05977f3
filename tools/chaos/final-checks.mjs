import { artefactsOf, folderOf, manifestKeyOf, pointerKeyOf } from './artefact-keys.mjs';

/**
 * @import { Remains, RunRow } from './remains.mjs'
 *
 * @typedef {object} Check
 * @property {string} rule
 * @property {string[]} faults none = passed
 */

const TRIALS_OF_QUICK = 4;
/** Stages of a run, without trial groups, sorted. */
const STAGES = 'data-prep,evaluator,gather,publisher,sampling,trainer-plan';
const OUTCOMES_WITH_VERDICT = ['published', 'kept', 'rejected'];

/**
 * Checks of the state that remains when all work has ended.
 *
 * @param {Remains} remains
 * @returns {Check[]}
 */
export function finalChecks(remains) {
  return [
    { rule: 'every request was answered for every product', faults: unanswered(remains) },
    { rule: 'every run has ended, once', faults: endedOddly(remains) },
    {
      rule: 'every end was announced, and no message id is on the stream twice',
      faults: announcedOddly(remains),
    },
    { rule: 'no run failed or was given up', faults: withoutVerdict(remains) },
    { rule: 'every unit of work of an ended run is done', faults: notDone(remains) },
    { rule: 'every run has one of each stage, and its trials once each', faults: incomplete(remains) },
    {
      rule: 'one version with a manifest for each promoted run, none for others',
      faults: versionFaults(remains),
    },
    { rule: 'champion.json agrees with the database', faults: pointerFaults(remains) },
    { rule: 'each promoted run raised its champion epoch by one', faults: epochFaults(remains) },
    { rule: 'artefacts in the ledger are on S3 with their hash', faults: artefactFaults(remains) },
    { rule: 'nothing is pending on the broker', faults: remains.broker.open },
    { rule: 'no dead letters', faults: remains.broker.dead },
  ];
}

/** @param {Remains} remains */
function unanswered({ requests }) {
  return requests.flatMap(({ request, expected, answers }) =>
    answers === expected ? [] : [`${request}: ${answers} answers`],
  );
}

/** @param {Remains} remains */
function endedOddly({ runs, events }) {
  const ends = byRun(events.filter(({ event }) => event === 'run.finished'));
  return runs.flatMap(({ run, outcome }) => {
    const announcements = ends.get(run)?.length ?? 0;
    return outcome !== null && announcements === 1 ? [] : [`${run} ${outcome} ${announcements}`];
  });
}

/**
 * Events that only observers read. Of the others, published by a process that was killed before it could record where,
 * the work proves that the message arrived: another rule asks whether it is done.
 */
const NOBODY_WORKS_ON = ['model.published', 'run.finished'];

/** @param {Remains} remains */
function announcedOddly({ events, broker }) {
  const never = events.filter(({ event, sequence }) => sequence === null && NOBODY_WORKS_ON.includes(event));
  const twice = [...broker.ends].filter(([, ids]) => new Set(ids).size !== ids.length);
  // A raised generation (by the sweeper) explains a second message for one announcement.
  const unexplained = events.flatMap(({ run, event, generation }) => {
    const messages = broker.ends.get(run)?.length ?? 0;
    return event === 'run.finished' && messages > Number(generation) + 1
      ? [`${run}: ${messages} messages, generation ${generation}`]
      : [];
  });
  return [
    ...never.map(({ run, event, shard }) => `${run} ${event} ${shard}`),
    ...twice.map(([run, ids]) => `${run}: ${ids}`),
    ...unexplained,
  ];
}

/** @param {Remains} remains */
function withoutVerdict({ runs }) {
  return runs
    .filter(({ outcome }) => outcome === null || !OUTCOMES_WITH_VERDICT.includes(outcome))
    .map(({ run, outcome, reason }) => `${run} ${outcome}: ${reason}`);
}

/** @param {Remains} remains */
function notDone({ units }) {
  return units
    .filter(({ status }) => status !== 'done')
    .map(({ run, stage, shard, status }) => `${run} ${stage} ${shard} ${status}`);
}

/** @param {Remains} remains */
function incomplete({ runs, units, trials, records }) {
  const [unitsOf, trialsOf, recordsOf] = [byRun(units), byRun(trials), byRun(records)];
  return runs.flatMap(({ run, outcome }) => {
    const own = (unitsOf.get(run) ?? []).map(({ stage }) => stage).filter((stage) => stage !== 'trials');
    const stages = own.sort().join(',');
    const [trialCount, recordCount] = [trialsOf.get(run)?.length ?? 0, recordsOf.get(run)?.length ?? 0];
    return stages === STAGES && trialCount === TRIALS_OF_QUICK && recordCount === 1
      ? []
      : [`${run} ${outcome} ${stages} ${trialCount} ${recordCount}`];
  });
}

/** @param {Remains} remains */
function versionFaults({ runs, manifests, hashes }) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  /** @type {string[]} */
  const faults = [];
  for (const [key, { lineage, files }] of manifests) {
    found.set(lineage.run, [...(found.get(lineage.run) ?? []), key]);
    for (const { name, sha256 } of files)
      if (hashes.get(`${folderOf(key)}${name}`) !== sha256)
        faults.push(`${folderOf(key)}${name}: other bytes`);
  }
  const promoted = new Set(promotedOf(runs).map(({ run }) => run));
  for (const run of promoted)
    if (found.get(run)?.length !== 1) faults.push(`${run}: ${found.get(run)?.length ?? 0} versions`);
  for (const [run, where] of found) if (!promoted.has(run)) faults.push(`${run} was not promoted: ${where}`);
  return faults;
}

/** @param {Remains} remains */
function pointerFaults({ champions, pointers, hashes }) {
  return champions.flatMap((champion) => {
    const { version, epoch, manifestSha256 } = champion;
    const key = pointerKeyOf(champion);
    const pointer = pointers.get(key);
    if (pointer?.version !== version || pointer.epoch !== epoch || pointer.manifestSha256 !== manifestSha256)
      return [`${key}: ${pointer?.version} epoch ${pointer?.epoch}, not ${version} ${epoch}`];
    const manifest = manifestKeyOf(champion);
    return hashes.get(manifest) === manifestSha256 ? [] : [`${manifest}: other bytes`];
  });
}

/** @param {Remains} remains */
function epochFaults({ runs, champions }) {
  /** @type {Map<string, number>} */
  const promotions = new Map();
  for (const run of promotedOf(runs)) promotions.set(nameOf(run), (promotions.get(nameOf(run)) ?? 0) + 1);
  const faults = champions.flatMap((champion) => {
    const promoted = promotions.get(nameOf(champion)) ?? 0;
    return promoted === champion.epoch
      ? []
      : [`${nameOf(champion)}: epoch ${champion.epoch}, ${promoted} promoted runs`];
  });
  return champions.length === promotions.size ? faults : [...faults, `${champions.length} champions`];
}

/** @param {Remains} remains */
function artefactFaults({ units, hashes }) {
  const references = artefactsOf(units);
  if (references.size === 0) return ['the ledger references no artefact'];
  return [...references].flatMap(([key, expected]) => {
    const found = hashes.get(key);
    return found === expected ? [] : [`${key}: ${found}`];
  });
}

/** @param {readonly RunRow[]} runs */
function promotedOf(runs) {
  return runs.filter(({ outcome }) => outcome === 'published');
}

/** @param {{source: string, product: number}} model */
function nameOf({ source, product }) {
  return `${source}/${product}`;
}

/**
 * @template {{run: string}} Row
 * @param {readonly Row[]} rows
 * @returns {Map<string, Row[]>}
 */
function byRun(rows) {
  /** @type {Map<string, Row[]>} */
  const found = new Map();
  for (const row of rows) {
    const known = found.get(row.run);
    if (known) known.push(row);
    else found.set(row.run, [row]);
  }
  return found;
}
