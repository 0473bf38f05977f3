/** The properties of a trial that are compared when a winner is chosen. */
export interface Contender {
  readonly trial: number;
  /** Log-loss on validation rows with weights 1/f after the shift; null if there is none. */
  readonly naturalValidationLogLoss: number | null;
  /** Trainable parameters. */
  readonly parameters: number | null;
  /** `halted`: stopped by the search because others did better; such a trial cannot win. */
  readonly status: 'done' | 'halted' | 'diverged' | 'failed' | 'crashed';
}

/** A contender that may be chosen: trained to its end with a finite loss. */
export type Finisher<T extends Contender> = T & {
  readonly status: 'done';
  readonly naturalValidationLogLoss: number;
  readonly parameters: number;
};

/**
 * The winner by rules R5: lowest natural validation log-loss; ties: fewer parameters, then lower trial number. Never
 * accuracy: at 1:8 "always no" is 88.9 % accurate. Only trials that were trained to their end are chosen: not those
 * that were halted, diverged, failed or crashed, nor those whose loss is not a finite number. The order of the contenders does not matter.
 *
 * @returns undefined when no trial may be chosen
 */
export function selectWinner<T extends Contender>(contenders: readonly T[]): Finisher<T> | undefined {
  return contenders.filter(mayWin).reduce<Finisher<T> | undefined>((best, one) => {
    return best === undefined || compareFinishers(one, best) < 0 ? one : best;
  }, undefined);
}

export function mayWin<T extends Contender>(one: T): one is Finisher<T> {
  return one.status === 'done' && Number.isFinite(one.naturalValidationLogLoss) && one.parameters !== null;
}

/** Orders contenders that may be chosen, the best first. */
export function compareFinishers(one: Finisher<Contender>, other: Finisher<Contender>): number {
  return (
    one.naturalValidationLogLoss - other.naturalValidationLogLoss ||
    one.parameters - other.parameters ||
    one.trial - other.trial
  );
}
