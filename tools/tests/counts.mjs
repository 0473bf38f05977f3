import { relative } from 'node:path';
import { root } from '../workspace/root.mjs';

/**
 * Results of specs.
 *
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed skipped specs count as failed
 * @property {readonly string[]} names of failed specs
 *
 * The fields of Jest's report that are read.
 *
 * @typedef {object} JestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numTodoTests
 * @property {number} numPendingTests
 * @property {number} numRuntimeErrorTestSuites
 * @property {readonly JestFile[]} testResults
 *
 * @typedef {object} JestFile
 * @property {string} name full path
 * @property {string} status
 * @property {readonly {status: string, fullName: string}[]} assertionResults
 */

/** @type {Counts} */
export const NOTHING = { passed: 0, failed: 0, names: [] };

/**
 * A failure outside the specs.
 *
 * @param {string} name
 * @returns {Counts}
 */
export const oneFailure = (name) => ({ passed: 0, failed: 1, names: [name] });

/**
 * @param {Counts} one
 * @param {Counts} other
 * @returns {Counts}
 */
export const sum = (one, other) => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  names: [...one.names, ...other.names],
});

/**
 * @param {JestReport} report
 * @param {{narrowed: boolean}} options `narrowed`: Jest was told which specs to run, so the others do not count as skipped
 * @returns {Counts}
 */
export function countsOf(report, { narrowed }) {
  const left = report.numTodoTests + (narrowed ? 0 : report.numPendingTests);
  if (left > 0) console.error(`${left} specs were skipped, which is not allowed`);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites + left,
    names: report.testResults.filter(({ status }) => status === 'failed').flatMap(failuresOf),
  };
}

/**
 * Repeated at the end: failures are hard to find in a long log.
 *
 * @param {JestFile} file
 */
function failuresOf({ name, assertionResults }) {
  const failed = assertionResults.filter(({ status }) => status === 'failed');
  const titles = failed.length > 0 ? failed.map(({ fullName }) => fullName) : ['did not run'];
  return titles.map((title) => `${relative(root, name)}: ${title}`);
}
