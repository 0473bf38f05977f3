import { FactoryError } from '@factory/domain';

/** One line of the check report: what was checked, its figure, the limit, and the result. */
export interface InputCheck {
  readonly check: string;
  /** The checked table or `table.column`. */
  readonly column?: string;
  readonly figure: number | string;
  readonly limit: number | string;
  readonly result: 'pass' | 'warn' | 'fail';
  /** For a feature column: the type that sampling must find again. */
  readonly readAs?: 'number' | 'category';
  /** What it means or what to do; present with warn and fail. */
  readonly note?: string;
}

/** A failed check ends the run as failed: a retry would find the same input. */
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
