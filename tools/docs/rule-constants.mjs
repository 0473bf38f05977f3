/**
 * @typedef {object} RuleConstant
 * @property {string} file from the root
 * @property {string} name
 * @property {string} unit empty if it is not a quantity
 * @property {string} meaning
 */

/**
 * @param {string} file
 * @param {readonly (readonly [name: string, unit: string, meaning: string])[]} constants
 * @returns {RuleConstant[]}
 */
const of = (file, constants) => constants.map(([name, unit, meaning]) => ({ file, name, unit, meaning }));

/** The fixed numbers of each rule, where the code declares them. @type {Readonly<Record<string, RuleConstant[]>>} */
export const RULE_CONSTANTS = {
  R1: [
    ...of('libs/domain/src/find-dates.ts', [['STEP_DAYS', 'days', 'from one candidate window to the next']]),
    ...of('libs/domain/src/compared-windows.ts', [
      ['EVIDENCE_WINDOWS', 'windows', 'most that are trained and compared by evidence'],
      ['CURVE_WINDOWS', 'windows', 'most of a learning curve'],
    ]),
  ],
  R3: [
    ...of('libs/domain/src/columns.ts', [
      ['MARK_LIMITS', '', 'shares of the marks by hash; the rest is train'],
    ]),
    ...of('libs/dataset/src/arrow-write.ts', [['BATCH_ROWS', 'rows', 'of a record batch']]),
    ...of('apps/data-prep/src/check-cut.ts', [
      [
        'MOST_EARLY_GOALS',
        '',
        'share of goal visits that may reach the goal before their cut; above: a warning',
      ],
    ]),
  ],
  R4: [
    ...of('libs/normalisation/src/dropped-columns.ts', [
      ['MOSTLY_NOTHING', '', 'a column with a larger share of unknown and zero values is dropped'],
      ['INDICATOR_SHARE', '', 'a column with a larger share of unknown values gets an indicator'],
      ['MAX_LEVELS', 'levels', 'of a category that get a separate output'],
    ]),
    ...of('libs/normalisation/src/fit-transform.ts', [
      ['CLIP', 'deviations', 'outputs are clipped at ± this many'],
    ]),
  ],
  R5: [
    ...of('libs/domain/src/grid.ts', [
      ['DEFAULT_LR_ANNEALING', '', 'factor for the learning rate at a plateau'],
    ]),
    ...of('libs/engines/src/training-callbacks.ts', [
      ['MIN_DELTA', 'nats', 'least improvement of the validation loss that counts'],
      ['STOPPING_PATIENCE', 'epochs', 'without improvement before training stops'],
      ['PLATEAU_PATIENCE', 'epochs', 'without improvement before the learning rate is reduced'],
      ['LEAST_LEARNING_RATE', '', 'minimum of the learning rate'],
    ]),
    ...of('libs/domain/src/search.ts', [
      ['FIRST_RUNG_EPOCHS', 'epochs', 'of the first rung of a halving search'],
      [
        'REDUCTION_FACTOR',
        '',
        'one of this many trials continues to the next rung, with this many times the epochs',
      ],
    ]),
    ...of('apps/trainer/src/plan-trials.ts', [
      ['GROUP_SECONDS', 'seconds', 'most estimated work of one trial group, on one worker'],
    ]),
    ...of('apps/trainer/src/group-note.ts', [
      ['CRASHES_TO_SKIP', 'processes', 'that a trial may crash before it is skipped as crashed'],
    ]),
  ],
  R6: of('libs/judgement/src/repair/fit-repair.ts', [
    ['REPAIR_RATIO', '', 'calibration is off if the interval of the ratio is wholly outside'],
    ['REPAIR_SLOPE', '', 'or that of the slope'],
  ]),
  R9: of('libs/model/src/golden-rows.ts', [
    ['GOLDEN_ROWS', 'rows', 'in golden.json'],
    ['LOGIT_TOLERANCE', '', 'largest difference of a logit'],
    ['PROBABILITY_TOLERANCE', '', 'largest difference of a probability'],
  ]),
  R12: [
    ...of('libs/domain/src/names.ts', [
      ['NAME_PATTERN', '', 'source and goal'],
      ['POOL_PATTERN', '', 'pool'],
    ]),
    ...of('apps/data-prep/src/check-goal-times.ts', [
      ['MOST', '', 'share of goal rows that may be before their visit; above: a warning'],
    ]),
    ...of('apps/data-prep/src/check-filters.ts', [
      [
        'FEWEST_ROWS',
        'rows',
        'from this many rows on a filter that no row passes fails (or minSales, if that is less)',
      ],
    ]),
  ],
  R13: [
    ...of('libs/ledger/src/stages/claim-decision.ts', [
      ['MAX_ATTEMPTS', 'attempts', 'until work is given up'],
      ['LEASE_SECONDS', 'seconds', 'after which a claim without renewal expires'],
    ]),
    ...of('libs/stage/src/lease-keeper.ts', [['RENEW_EVERY_MS', 'ms', 'between two renewals of a lease']]),
    ...of('libs/contracts/src/stage-chain.ts', [
      ['ACK_WAIT_SECONDS', 'seconds', 'without acknowledgement before JetStream redelivers'],
    ]),
    ...of('libs/messaging/src/settlement.ts', [
      ['RETRY_DELAYS_MS', 'ms', 'before attempts 2, 3, 4 and 5'],
      ['BUSY_DELAY_MS', 'ms', 'before work that another process has in progress is redelivered'],
      [
        'UNAVAILABLE_DELAY_MS',
        'ms',
        'before work that failed because of an unavailable server is redelivered',
      ],
    ]),
    ...of('libs/ledger/src/events/orphans.ts', [
      ['ORPHAN_GRACE_SECONDS', 'seconds', 'that an event may take before the sweeper checks it'],
    ]),
  ],
  R14: [
    ...of('apps/cli/src/import/column-kinds.ts', [
      [
        'NEARLY_ALL',
        '',
        'a column with a larger share of numbers, but not all, is refused until an option says what it is',
      ],
      ['LONGEST_CATEGORY', 'characters', 'longer text is not a feature'],
    ]),
    ...of('apps/cli/src/import/time-formats.ts', [
      ['FIRST_YEAR', '', 'first year that a time may have'],
      ['LAST_YEAR', '', 'last year that a time may have'],
    ]),
    ...of('libs/model/src/fit-rule.ts', [
      ['LEAST_ROWS', 'rows', 'from which on the shares of rows to be scored are compared'],
      ['CHANCE', '', 'a share is refused if its probability by chance is lower, for one column'],
      ['LEAST_EXCESS', '', 'and it is above the share in training by at least this much'],
      ['LEAST_EFFECT', "Cohen's h", 'and the effect is at least this large'],
    ]),
    ...of('apps/cli/src/score/score-rows.ts', [
      ['HEAD_ROWS', 'rows', 'looked at before anything is written'],
    ]),
  ],
  R16: [
    ...of('apps/data-prep/src/days-of-range.ts', [
      ['NEW_DAYS', 'days', 'that are new where the end of the champion’s data is not known'],
    ]),
    ...of('libs/judgement/src/checks/check-days.ts', [
      ['LEAST_HISTORY_DAYS', 'days', 'before the new ones; with fewer nothing is compared'],
      ['LAST_WEEKS', 'weeks', 'that a usual weekday is made of'],
    ]),
    ...of('apps/data-prep/src/check-history.ts', [
      ['VISITS_LOOKED_UP', 'visits', 'most that are looked up in the feature tables'],
    ]),
  ],
};
