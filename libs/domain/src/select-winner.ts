/** What is compared of a trial when a winner is picked. */
export interface Contender {
  readonly trial: number;
  /** Log-loss on validation rows with weights 1/f after the shift; null where there is none. */
  readonly naturalValidationLogLoss: number | null;
  /** Trainable parameters. */
  readonly parameters: number | null;
  readonly status: 'done' | 'diverged' | 'failed' | 'crashed';
}

/** A contender that may be chosen. */
export type Finisher<T extends Contender> = T & {
  readonly status: 'done';
  readonly naturalValidationLogLoss: number;
  readonly parameters: number;
};

/**
 * The winner by RULES R5: lowest natural validation log-loss; ties: fewer parameters, then lower trial number. Never
 * accuracy: at 1:8 "always no" is 88.9 % accurate. Trials that diverged, failed or crashed, or whose loss is not a
 * finite number, are never chosen. The order of the contenders does not matter.
 *
 * @returns undefined when no trial may be chosen
 */
export function selectWinner<T extends Contender>(contenders: readonly T[]): Finisher<T> | undefined {
  return contenders.filter(mayWin).reduce<Finisher<T> | undefined>((best, one) => {
    return best === undefined || isBetter(one, best) ? one : best;
  }, undefined);
}

function mayWin<T extends Contender>(one: T): one is Finisher<T> {
  return one.status === 'done' && Number.isFinite(one.naturalValidationLogLoss) && one.parameters !== null;
}

function isBetter<T extends Contender>(one: Finisher<T>, other: Finisher<T>): boolean {
  const difference =
    one.naturalValidationLogLoss - other.naturalValidationLogLoss ||
    one.parameters - other.parameters ||
    one.trial - other.trial;
  return difference < 0;
}
