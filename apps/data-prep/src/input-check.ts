import { FactoryError } from '@factory/domain';

/** One line of the check report: what was looked at, its figure, the limit, and the result. */
export interface InputCheck {
  readonly check: string;
  /** Table or `table.column` that it is about. */
  readonly column?: string;
  readonly figure: number | string;
  readonly limit: number | string;
  readonly result: 'pass' | 'warn' | 'fail';
  /** Of a column that becomes a feature: what sampling must find it as. */
  readonly readAs?: 'number' | 'category';
  /** What it means or what to do; given with warn and fail. */
  readonly note?: string;
}

/** A failing check ends the run as failed: the input will be as bad next time. */
export class InputCheckFailedError extends FactoryError {
  constructor(
    code: string,
    readonly checks: readonly InputCheck[],
  ) {
    const failed = checks.filter((one) => one.result === 'fail');
    super(
      code,
      failed
        .map((one) => `${one.check} ${one.column ?? ''} = ${one.figure}: ${one.note ?? `limit ${one.limit}`}`)
        .join('\n'),
      false,
    );
  }
}
