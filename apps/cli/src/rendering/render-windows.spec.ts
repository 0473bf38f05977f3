import { windowsPicture, type WindowComparison } from '@factory/model';
import { Output } from './output';
import { renderWindows, windowsSentence } from './render-windows';

const nowhere = { write: () => true };
const out = new Output(nowhere, nowhere);
const around = (estimate: number, reach = 0.01) => ({
  ...{ estimate, lower95: estimate - reach, upper95: estimate + reach },
  ...{ lower99: estimate - 2 * reach, upper99: estimate + 2 * reach },
});

/** Log-losses of windows of 7, 28 and 84 days. */
function comparison(
  losses: readonly [number, number, number],
  chosen: number,
  reason: WindowComparison['reason'],
): WindowComparison {
  return {
    ...{ reason, rows: 1_000, goals: 150 },
    compared: [7, 28, 84].map((days, at) => ({
      ...{ start: '2023-01-01T00:00:00.000Z', days, sales: 10 * days, trial: at + 1 },
      ...{ byVolume: at === 2, chosen: at === chosen },
      logLoss: around(losses[at] ?? NaN),
      overLongest: around((losses[at] ?? NaN) - losses[2]),
    })),
  };
}

describe('a learning curve', () => {
  it('says in a sentence whether more or fresher data helps', () => {
    expect(windowsSentence(comparison([0.4, 0.35, 0.3], 2, 'longest'))).toMatch(/^More data helps.*84 days/);
    expect(windowsSentence(comparison([0.301, 0.302, 0.3], 2, 'longest'))).toMatch(/^No difference is seen/);
    expect(windowsSentence(comparison([0.4, 0.3, 0.5], 1, 'fresher'))).toMatch(
      /^Fresher data is better.*28 days/,
    );
    expect(windowsSentence(comparison([0.4, 0.3, 0.5], 2, 'too-few-goals'))).toMatch(/^Nothing can be said/);
  });

  it('is a table with intervals and bars, the chosen window marked', () => {
    const text = renderWindows(comparison([0.4, 0.3, 0.35], 1, 'fresher'), out);
    const rows = text.split('\n').filter((line) => line.startsWith('2023-01-01'));
    expect(rows[0]).toMatch(/ 7 +70 +1 +0\.40000 +0\.39000 to 0\.41000 +\+0\.05000 .* #{24}$/);
    expect(rows[1]).toMatch(/ -0\.05000 +-0\.06000 to -0\.04000 +# +chosen$/);
    expect(rows[2]).toMatch(/by volume$/);
  });

  it('is a picture with one point for each window that has figures', () => {
    const [first, ...others] = comparison([0.4, 0.3, 0.35], 1, 'fresher').compared;
    const without = { ...first!, logLoss: undefined };
    const picture = windowsPicture({
      ...comparison([0.4, 0.3, 0.35], 1, 'fresher'),
      compared: [without, ...others],
    });
    expect(picture.match(/<circle/g)).toHaveLength(2);
    expect(picture).not.toContain('NaN');
    expect(windowsPicture(comparison([0.3, 0.3, 0.3], 2, 'longest'))).not.toContain('NaN');
  });
});
