const TestSequencer = require('@jest/test-sequencer').default;

/** Specs that take minutes, the longest first. */
const MINUTES = ['outage', 'documentation', 'mixed-versions', 'kill', 'windows'].map(
  (name) => `/${name}.e2e-spec.ts`,
);

/**
 * Order in which Jest hands out files of specs. A checkout that has run none yet knows nothing of their times: one that
 * takes minutes would come last, and keep one core while the other is idle.
 */
module.exports = class LongestFirst extends TestSequencer {
  sort(tests) {
    const rankOf = ({ path }) => {
      const at = MINUTES.findIndex((end) => path.endsWith(end));
      return at < 0 ? MINUTES.length : at;
    };
    return [...super.sort(tests)].sort((one, other) => rankOf(one) - rankOf(other));
  }
};
