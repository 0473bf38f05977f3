import * as fc from 'fast-check';
import { selectWinner, type Contender } from './select-winner';

const trial = (
  number: number,
  naturalValidationLogLoss: number | null,
  parameters = 100,
  status: Contender['status'] = 'done',
): Contender => ({ trial: number, naturalValidationLogLoss, parameters, status });

describe('selectWinner', () => {
  it.each([
    ['the lowest log-loss wins', [trial(1, 0.3), trial(2, 0.2), trial(3, 0.25)], 2],
    ['of equal losses the smaller network wins', [trial(1, 0.2, 300), trial(2, 0.2, 200)], 2],
    ['of equal losses and sizes the lower number wins', [trial(7, 0.2), trial(3, 0.2), trial(5, 0.2)], 3],
    ['a diverged trial is never chosen', [trial(1, 0.1, 100, 'diverged'), trial(2, 0.4)], 2],
    [
      'a failed or crashed trial is never chosen',
      [trial(1, 0.1, 1, 'failed'), trial(2, 0.1, 1, 'crashed'), trial(3, 9)],
      3,
    ],
    ['a halted trial is never chosen, however good it was', [trial(1, 0.1, 1, 'halted'), trial(2, 0.4)], 2],
    [
      'a loss that is not a finite number is never chosen',
      [trial(1, NaN), trial(2, -Infinity), trial(3, null), trial(4, 1)],
      4,
    ],
    ['a smaller network does not outweigh a higher loss', [trial(1, 0.2001, 1), trial(2, 0.2, 1e6)], 2],
  ])('%s', (_rule, contenders, winner) => {
    expect(selectWinner(contenders)?.trial).toBe(winner);
  });

  it('chooses none if none finished', () => {
    expect(selectWinner([trial(1, 0.1, 100, 'diverged'), trial(2, null, 100, 'failed')])).toBeUndefined();
    expect(selectWinner([])).toBeUndefined();
  });

  it('ignores everything else of a trial, such as its accuracy', () => {
    const accurate = { ...trial(1, 0.3), validationAccuracy: 0.99 };
    const calibrated = { ...trial(2, 0.2), validationAccuracy: 0.7 };
    expect(selectWinner([accurate, calibrated])).toBe(calibrated);
  });

  it('does not depend on the order of the trials or on choosing within groups first', () => {
    const losses = fc.array(
      fc.record({ loss: fc.constantFrom(0.1, 0.2, 0.3, NaN), parameters: fc.constantFrom(10, 20) }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(losses, fc.nat(12), (drawn, cut) => {
        const trials = drawn.map((one, index) => trial(index + 1, one.loss, one.parameters));
        const winner = selectWinner(trials);
        expect(selectWinner([...trials].reverse())).toEqual(winner);
        const groups = [trials.slice(0, cut), trials.slice(cut)];
        const best = groups.flatMap((group) => selectWinner(group) ?? []);
        expect(selectWinner(best)).toEqual(winner);
      }),
    );
  });
});
