import { join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { countsOf, NOTHING, oneFailure, sum } from './counts.mjs';

/** @typedef {import('./counts.mjs').JestReport} JestReport */

/**
 * @param {Partial<JestReport>} changes
 * @returns {JestReport} of three specs that passed
 */
const report = (changes = {}) => ({
  ...{
    numPassedTests: 3,
    numFailedTests: 0,
    numTodoTests: 0,
    numPendingTests: 0,
    numRuntimeErrorTestSuites: 0,
  },
  testResults: [],
  ...changes,
});

describe('counts of a run of specs', () => {
  it('are those of Jest', () => {
    expect(countsOf(report(), { narrowed: false })).toEqual({ passed: 3, failed: 0, names: [] });
  });

  it('treat skipped and todo specs as failed', () => {
    const skipped = report({ numPendingTests: 2, numTodoTests: 1 });
    expect(countsOf(skipped, { narrowed: false })).toMatchObject({ passed: 3, failed: 3 });
  });

  it('treat only todo specs as skipped if Jest was told which specs to run', () => {
    const narrowed = report({ numPendingTests: 500, numTodoTests: 1 });
    expect(countsOf(narrowed, { narrowed: true })).toMatchObject({ passed: 3, failed: 1 });
  });

  it('name each failed spec with its file, and a file that did not run', () => {
    const failed = report({
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 1,
      testResults: [
        {
          name: join(root, 'libs/domain/src/hash.spec.ts'),
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'hash is stable' },
            { status: 'failed', fullName: 'hash is uniform' },
          ],
        },
        { name: join(root, 'libs/domain/src/broken.spec.ts'), status: 'failed', assertionResults: [] },
        { name: join(root, 'libs/domain/src/fine.spec.ts'), status: 'passed', assertionResults: [] },
      ],
    });
    expect(countsOf(failed, { narrowed: false })).toEqual({
      passed: 3,
      failed: 2,
      names: ['libs/domain/src/hash.spec.ts: hash is uniform', 'libs/domain/src/broken.spec.ts: did not run'],
    });
  });

  it('add up', () => {
    const total = [oneFailure('no server'), { passed: 2, failed: 0, names: [] }].reduce(sum, NOTHING);
    expect(total).toEqual({ passed: 2, failed: 1, names: ['no server'] });
  });
});
