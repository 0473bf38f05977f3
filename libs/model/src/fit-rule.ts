import type { CellFinding, Feature, Transform } from '@factory/normalisation';

/** With fewer rows, fractions carry too little information: only columns are checked. */
export const LEAST_ROWS = 200;
/**
 * Maximum probability, per column, that so many unusual values are chance. Hundreds of columns raise no false
 * alarm.
 */
const CHANCE = 1e-6;
/** Minimum difference to the fraction in training. */
const LEAST_EXCESS = 0.1;
/**
 * Minimum effect size, Cohen's h: .5 is what he calls medium, "visible to the naked eye" (Cohen 1988, chapter
 * 6).
 */
const LEAST_EFFECT = 0.5;
/** For the upper bound of a fraction in training, in standard errors. */
const Z = 3;

/** An observed fraction in training: `count` of `rows`. */
export interface TrainingShare {
  readonly count: number;
  readonly rows: number;
}

/**
 * How often a finding is to be expected in a column according to training; undefined if that was not recorded.
 * - unknown: counted in training;
 * - unseen: never in training, by definition; expected is the fraction of values whose level occurred in one
 *   row only (Good 1953);
 * - outside: never in training; expected are 2 of n + 1 values beyond the smallest and largest of n.
 */
export function shareInTraining(
  feature: Feature,
  { rows }: Pick<Transform, 'rows'>,
  finding: CellFinding,
): TrainingShare | undefined {
  const { training } = feature;
  const known = rows - (training?.unknown ?? 0);
  switch (finding) {
    case 'unknown':
      return training && { count: training.unknown, rows };
    case 'unseen':
      return feature.kind === 'category' && feature.training
        ? { count: feature.training.singleLevels, rows: known }
        : { count: 0, rows: known };
    case 'outside':
      return { count: Math.min(2, known), rows: known + 1 };
  }
}

/**
 * Whether `count` of `rows` is far above the fraction in training. All of:
 * - not by chance: the Chernoff bound of drawing as many at the fraction's upper bound (Wilson 1927, 3 standard
 *   errors) is below one in a million;
 * - at least 10 points above, and an effect (Cohen's h) of at least .5: 10 % where training had none, 21 %
 *   where it had 5 %, 74 % where it had half. Or every single row has the finding.
 */
export function isFarAbove(count: number, rows: number, training: TrainingShare): boolean {
  if (rows < LEAST_ROWS || count === 0) return false;
  const share = count / rows;
  const before = training.rows === 0 ? 0 : training.count / training.rows;
  const isLarge =
    count === rows || (share - before >= LEAST_EXCESS && cohensH(share) - cohensH(before) >= LEAST_EFFECT);
  return isLarge && chernoff(share, rows, wilsonUpper(training)) < CHANCE;
}

function cohensH(share: number): number {
  return 2 * Math.asin(Math.sqrt(share));
}

/** Upper bound of a fraction that was observed as `count` of `rows`. */
function wilsonUpper({ count, rows }: TrainingShare): number {
  if (rows === 0) return 1;
  const share = count / rows;
  const spread = Z * Math.sqrt((share * (1 - share)) / rows + (Z * Z) / (4 * rows * rows));
  return Math.min(1, (share + (Z * Z) / (2 * rows) + spread) / (1 + (Z * Z) / rows));
}

/**
 * Upper bound of the probability of a fraction of `share` or more in `rows` draws at `probability`: e^(-n KL).
 */
function chernoff(share: number, rows: number, probability: number): number {
  if (share <= probability) return 1;
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return Math.exp(-rows * (part(share, probability) + part(1 - share, 1 - probability)));
}
