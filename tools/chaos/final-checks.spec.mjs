import { finalChecks } from './final-checks.mjs';
import { finalFigures } from './final-figures.mjs';
import { soundRemains } from './spec-remains.mjs';

/** @import { Remains } from './remains.mjs' */

/**
 * Rules that fail after `spoil` has changed the remains.
 *
 * @param {(remains: Remains) => void} spoil
 */
function broken(spoil) {
  const remains = soundRemains();
  spoil(remains);
  return finalChecks(remains).flatMap(({ rule, faults }) => (faults.length > 0 ? [{ rule, faults }] : []));
}

/** Every fault is planted by hand; `rule` must be the first rule that reports it. */
const PLANTED = [
  {
    fault: 'a request without an answer for a product',
    spoil: (/** @type {Remains} */ { requests: [one] }) => Object.assign(one ?? {}, { answers: 0 }),
    rule: 'every request was answered for every product',
    says: 'chaos-1-1: 0 answers',
  },
  {
    fault: 'a run that never ends',
    spoil: (/** @type {Remains} */ { runs }) => Object.assign(runs[1] ?? {}, { outcome: null }),
    rule: 'every run has ended, once',
    says: 'b null 1',
  },
  {
    fault: 'a run that ends twice',
    spoil: (/** @type {Remains} */ { events }) => events.push(...events.slice(0, 1)),
    rule: 'every run has ended, once',
    says: 'a published 2',
  },
  {
    fault: 'an end that was never announced',
    spoil: (/** @type {Remains} */ { events }) => Object.assign(events[0] ?? {}, { sequence: null }),
    rule: 'every end was announced, and no message id is on the stream twice',
    says: 'a run.finished 0',
  },
  {
    fault: 'a message that is on the stream twice',
    spoil: (/** @type {Remains} */ { broker }) => broker.ends.set('b', ['b/1', 'b/1']),
    rule: 'every end was announced, and no message id is on the stream twice',
    says: 'b: b/1,b/1',
  },
  {
    fault: 'a second message of an end that was announced once',
    spoil: (/** @type {Remains} */ { broker }) => broker.ends.set('b', ['b/1', 'b/2']),
    rule: 'every end was announced, and no message id is on the stream twice',
    says: 'b: 2 messages, generation 0',
  },
  {
    fault: 'a run that failed',
    spoil: (/** @type {Remains} */ { runs }) =>
      Object.assign(runs[1] ?? {}, { outcome: 'failed', reason: 'out-of-attempts' }),
    rule: 'no run failed or was given up',
    says: 'b failed: out-of-attempts',
  },
  {
    fault: 'unfinished work of an ended run',
    spoil: (/** @type {Remains} */ { units }) => Object.assign(units[4] ?? {}, { status: 'queued' }),
    rule: 'every unit of work of an ended run is done',
    says: 'a evaluator 0 queued',
  },
  {
    fault: 'a stage that was done twice',
    spoil: (/** @type {Remains} */ { units }) => units.push(...units.slice(0, 1)),
    rule: 'every run has one of each stage, and its trials once each',
    says: 'a published data-prep,data-prep,evaluator,gather,publisher,sampling,trainer-plan 4 1',
  },
  {
    fault: 'a trial that is missing',
    spoil: (/** @type {Remains} */ { trials }) => trials.pop(),
    rule: 'every run has one of each stage, and its trials once each',
    says: 'b kept data-prep,evaluator,gather,publisher,sampling,trainer-plan 3 1',
  },
  {
    fault: 'a duplicate record of a run',
    spoil: (/** @type {Remains} */ { records }) => records.push({ run: 'a' }),
    rule: 'every run has one of each stage, and its trials once each',
    says: 'a published data-prep,evaluator,gather,publisher,sampling,trainer-plan 4 2',
  },
  {
    fault: 'a version whose bytes changed',
    spoil: (/** @type {Remains} */ { hashes }) => hashes.set('models/main/sale/1/v1/weights.bin', 'other'),
    rule: 'one version with a manifest for each promoted run, none for others',
    says: 'models/main/sale/1/v1/weights.bin: other bytes',
  },
  {
    fault: 'a promoted run that left two versions',
    spoil: (/** @type {Remains} */ { manifests }) =>
      manifests.set('models/main/sale/1/v2/manifest.json', { lineage: { run: 'a' }, files: [] }),
    rule: 'one version with a manifest for each promoted run, none for others',
    says: 'a: 2 versions',
  },
  {
    fault: 'a version of a run that was not promoted',
    spoil: (/** @type {Remains} */ { manifests }) =>
      manifests.set('models/main/sale/1/v2/manifest.json', { lineage: { run: 'b' }, files: [] }),
    rule: 'one version with a manifest for each promoted run, none for others',
    says: 'b was not promoted: models/main/sale/1/v2/manifest.json',
  },
  {
    fault: 'a pointer to another version',
    spoil: (/** @type {Remains} */ { pointers }) =>
      pointers.set('models/main/sale/1/champion.json', { version: 'NoSuchKey' }),
    rule: 'champion.json agrees with the database',
    says: 'models/main/sale/1/champion.json: NoSuchKey epoch undefined, not v1 1',
  },
  {
    fault: 'a manifest in force whose bytes changed',
    spoil: (/** @type {Remains} */ { hashes }) => hashes.set('models/main/sale/1/v1/manifest.json', 'other'),
    rule: 'champion.json agrees with the database',
    says: 'models/main/sale/1/v1/manifest.json: other bytes',
  },
  {
    fault: 'a promotion that raised the epoch by two',
    spoil: (/** @type {Remains} */ { champions, pointers }) => {
      Object.assign(champions[0] ?? {}, { epoch: 2 });
      for (const pointer of pointers.values()) pointer.epoch = 2;
    },
    rule: 'each promoted run raised its champion epoch by one',
    says: 'main/1: epoch 2, 1 promoted runs',
  },
  {
    fault: 'a promoted run without a champion',
    spoil: (/** @type {Remains} */ { champions }) => champions.pop(),
    rule: 'each promoted run raised its champion epoch by one',
    says: '0 champions',
  },
  {
    fault: 'a missing artefact',
    spoil: (/** @type {Remains} */ { hashes }) => hashes.set('runs/b/sampling', 'NoSuchKey'),
    rule: 'artefacts in the ledger are on S3 with their hash',
    says: 'runs/b/sampling: NoSuchKey',
  },
  {
    fault: 'a ledger that references no artefact',
    spoil: (/** @type {Remains} */ { units }) => units.forEach((unit) => (unit.output = '{}')),
    rule: 'artefacts in the ledger are on S3 with their hash',
    says: 'the ledger references no artefact',
  },
  {
    fault: 'a pending delivery',
    spoil: (/** @type {Remains} */ { broker }) => broker.open.push('sampling: 1 + 0'),
    rule: 'nothing is pending on the broker',
    says: 'sampling: 1 + 0',
  },
  {
    fault: 'a dead letter',
    spoil: (/** @type {Remains} */ { broker }) => broker.dead.push('dead.factory.sampling ()'),
    rule: 'no dead letters',
    says: 'dead.factory.sampling ()',
  },
];

describe('the final checks', () => {
  it('pass if the place of an event was not recorded whose work is done', () => {
    const place = { run: 'a', event: 'run.queued', shard: '0', sequence: null, generation: 0 };
    expect(broken(({ events }) => events.push(place))).toEqual([]);
  });

  it('pass for correct runs', () => {
    expect(broken(() => undefined)).toEqual([]);
  });

  it.each(PLANTED)('see $fault', ({ spoil, rule, says }) => {
    const found = broken(spoil).find((one) => one.rule === rule);
    expect(found?.faults).toContain(says);
  });

  it('allow the sweeper to announce an end again', () => {
    const announcedAgain = (/** @type {Remains} */ { broker, events }) => {
      broker.ends.set('b', ['b/1', 'b/2']);
      Object.assign(events[1] ?? {}, { generation: 1 });
    };
    expect(broken(announcedAgain)).toEqual([]);
  });

  it('have a planted fault for every rule', () => {
    const rules = finalChecks(soundRemains()).map(({ rule }) => rule);
    expect(new Set(PLANTED.map(({ rule }) => rule))).toEqual(new Set(rules));
  });
});

describe('the final figures', () => {
  it('count what was done, and what was repeated', () => {
    const remains = soundRemains();
    Object.assign(remains.units[2] ?? {}, { token: 3, attempt: 1 });
    Object.assign(remains.events[0] ?? {}, { generation: 2 });
    expect(finalFigures(remains)).toEqual({
      runs: 2,
      outcomes: { published: 1, kept: 1 },
      units: 14,
      unitsByAttemptsUsed: { 0: 13, 1: 1 },
      unitsClaimedMoreThanOnce: 1,
      mostClaimsOfAUnit: 3,
      eventsAnnouncedAgain: 2,
      trials: { done: 8 },
      attemptsAllowed: 5,
    });
  });
});
