import {
  BadInputError,
  BadInputsError,
  FactoryError,
  IntegrityError,
  ServerAwayError,
} from '@factory/domain';
import { InterruptedError, RunsFailedError, WaitTimeoutError, exitCodeOf } from './exit-codes';

describe('exit codes', () => {
  const refusal = { field: 'a', value: 1, todo: 'do it' };
  it.each([
    ['bad input', new BadInputError('x', refusal), 2],
    ['several faults', new BadInputsError('x', [refusal]), 2],
    ['a server that is away', new ServerAwayError('store'), 3],
    ['a failed run', new RunsFailedError(['abc']), 4],
    ['a wait that took too long', new WaitTimeoutError(5, 'r'), 5],
    ['Ctrl-C', new InterruptedError(), 130],
    ['a changed file', new IntegrityError('k', 'a', 'b'), 1],
    ['any other refusal', new FactoryError('x', 'y', false), 1],
    ['what nobody expected', new TypeError('x'), 1],
  ])('tell %s apart', (_, thrown, code) => {
    expect(exitCodeOf(thrown)).toBe(code);
  });
});
