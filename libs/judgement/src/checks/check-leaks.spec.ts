import { Random } from '@factory/simulator';
import { passesOf } from '../profile/profile-batch';
import { profileDataset } from '../profile/profile-dataset';
import { numbers, specDataset, texts } from '../profile/spec-batches';
import { checkEventTimes, checkLeaks, checkWithout, isTooGood } from './check-leaks';
import { DEFAULT_CHECK_LIMITS } from './check-rules';
import { findingsOf } from './finding';

const random = new Random(5, 'leaks');
const ROWS = 2700;
const labels = Uint8Array.from({ length: ROWS }, (_, row) => Number(row % 9 === 0));
/** A column that is d standard deviations higher for goals. */
const apart = (d: number): number[] => Array.from(labels, (label) => d * label + random.normal());

function find(features: Parameters<typeof specDataset>[0], of = labels) {
  const profile = profileDataset(passesOf(specDataset(features, { labels: of })));
  return findingsOf(checkLeaks(profile, DEFAULT_CHECK_LIMITS), DEFAULT_CHECK_LIMITS).map(
    ({ code, column, severity }) => `${column}: ${code}, ${severity}`,
  );
}

describe('the leak sentinel', () => {
  it('lets columns pass that tell much, as behaviour does', () => {
    expect(find([numbers('weak', apart(0.5)), numbers('strong', apart(1.5))])).toEqual([]);
  });

  it('warns of what is nearly too good, and stops what is, whichever way it points', () => {
    const found = find([
      numbers('near', apart(2.2)),
      numbers('over', apart(3.5)),
      numbers('under', apart(-3.5)),
      texts(
        'status',
        Array.from(labels, (label) => (label === 1 ? 'paid' : 'open')),
      ),
    ]);
    expect(found).toEqual([
      'near: leak-auc-near, warn',
      'over: leak-auc, stop',
      'under: leak-auc, stop',
      'status: leak-auc, stop',
    ]);
  });

  it('stops a column that only buyers have', () => {
    const order = Array.from(labels, (label, row) => (label === 1 ? row : NaN));
    expect(find([numbers('order', order)])).toEqual(['order: leak-presence, stop']);
  });

  it('does not take levels that are all different for a leak', () => {
    expect(
      find([
        texts(
          'session',
          Array.from(labels, (_, row) => `s${row}`),
        ),
      ]),
    ).toEqual([]);
  });

  it('says nothing of a handful of goals', () => {
    const few = Uint8Array.from(labels, (_, row) => Number(row < 10));
    expect(find([numbers('x', Array.from(few, Number))], few)).toEqual([]);
  });

  it('stops events at or after the goal', () => {
    const checked = checkEventTimes(
      [
        { table: 'pages', goals: 500, atOrAfter: 1 },
        { table: 'invoices', goals: 500, atOrAfter: 300 },
        { table: 'none', goals: 0, atOrAfter: 0 },
      ],
      DEFAULT_CHECK_LIMITS,
    );
    expect(findingsOf(checked, DEFAULT_CHECK_LIMITS).map(({ column }) => column)).toEqual(['invoices']);
  });

  it('names the table without which a model is no longer too good', () => {
    const checked = checkWithout(
      [
        { table: 'invoices', aucWith: 0.999, aucWithout: 0.74 },
        { table: 'pages', aucWith: 0.999, aucWithout: 0.998 },
        { table: 'honest', aucWith: 0.85, aucWithout: 0.6 },
      ],
      DEFAULT_CHECK_LIMITS,
    );
    expect(findingsOf(checked, DEFAULT_CHECK_LIMITS).map(({ column }) => column)).toEqual(['invoices']);
  });

  it('names tables of whole visits first, with the columns that it is', () => {
    const found = findingsOf(
      checkWithout(
        [
          { table: 'pages', aucWith: 0.99, aucWithout: 0.7 },
          { table: 'carts', aucWith: 0.99, aucWithout: 0.88, isWholeVisit: true, columns: ['paid', 'sent'] },
        ],
        DEFAULT_CHECK_LIMITS,
      ),
      DEFAULT_CHECK_LIMITS,
    );
    expect(found.map(({ column }) => column)).toEqual(['carts', 'pages']);
    expect(found[0]!.words).toBe(
      'Logistic regression ranks goals and other visits with an AUC of 0.990, and of 0.880 without carts. It covers ' +
        'whole visits: what it holds may have come after the goal. Most of it comes from paid, sent. Exclude in ' +
        'sources.yaml what is not known before the goal.',
    );
  });

  it.each([
    ['surely', { auc: 0.97, goals: 2000, others: 8000 }, true],
    ['by chance', { auc: 0.97, goals: 40, others: 300 }, false],
    ['of a handful of goals', { auc: 1, goals: 29, others: 3000 }, false],
    ['as behaviour is', { auc: 0.94, goals: 20_000, others: 80_000 }, false],
  ])('finds a model too good %s', (_, ranked, expected) => {
    expect(isTooGood(ranked, DEFAULT_CHECK_LIMITS)).toBe(expected);
  });
});
