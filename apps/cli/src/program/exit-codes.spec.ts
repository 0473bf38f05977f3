import {
  BadInputError,
  BadInputsError,
  FactoryError,
  IntegrityError,
  ServerAwayError,
  SourceAwayError,
} from '@factory/domain';
import { WaitTimeoutError } from '@factory/fleet';
import { UnfitRowsError } from '@factory/model';
import { InterruptedError, RunsFailedError, RunsSkippedError, exitCodeOf } from './exit-codes';

describe('exit codes', () => {
  const refusal = { field: 'a', value: 1, todo: 'do it' };
  const noFit = { missingColumns: [], unfit: [], unknownRecorded: true };
  it.each([
    ['bad input', new BadInputError('x', refusal), 2],
    ['several faults', new BadInputsError('x', [refusal]), 2],
    ['a server that is unavailable', new ServerAwayError('store'), 3],
    ['a server that is read-only', new ServerAwayError('database', { why: 'read-only' }), 3],
    ['a server that refuses the account', new ServerAwayError('store', { why: 'refused' }), 2],
    ['a source that refuses the account', new SourceAwayError('main', 'refused'), 2],
    ['a bucket that does not exist', new ServerAwayError('store', { why: 'missing' }), 2],
    ['a failed run', new RunsFailedError(['abc']), 4],
    ['a wait that took too long', new WaitTimeoutError(5, 'r'), 5],
    ['runs that were all skipped', new RunsSkippedError(['too-few-sales']), 6],
    ['rows that do not fit the model', new UnfitRowsError('foreign-rows', 'x', noFit), 7],
    ['Ctrl-C', new InterruptedError(), 130],
    ['a changed file', new IntegrityError('k', 'a', 'b'), 1],
    ['any other refusal', new FactoryError('x', 'y', false), 1],
    ['an unexpected error', new TypeError('x'), 1],
  ])('tell %s apart', (_, thrown, code) => {
    expect(exitCodeOf(thrown)).toBe(code);
  });
});
