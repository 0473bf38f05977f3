import { cellReader } from '@factory/rows';
import type { LabelWords } from './goal-rules';
import { LabelCounts } from './label-counts';

/** Counts every label as the first pass does. */
function counted(labels: readonly string[], words: LabelWords = {}, values?: string[]): LabelCounts {
  const goal = { name: 'sale', column: 'sold', place: 0, values };
  const counts = new LabelCounts(goal, words, cellReader());
  for (const label of labels) {
    const means = counts.look([label]);
    if (words.unlabelled !== 'drop' || means !== 'unlabelled') counts.keep(means);
  }
  return counts;
}

const meanings = (labels: readonly string[], words: LabelWords = {}, values?: string[]) =>
  labels.map((label) => counted([label], words, values).meaningOf([label]));

function refused(labels: readonly string[], words: LabelWords = {}): { code: string; message: string } {
  try {
    counted(labels, words).check();
  } catch (thrown) {
    return thrown as { code: string; message: string };
  }
  throw new Error('nothing was refused');
}

describe('labels that need no option', () => {
  it.each([
    ['yes', 'no'],
    ['Yes', 'No'],
    ['YES ', ' no'],
    ['y', 'n'],
    ['Y', 'N'],
    ['true', 'false'],
    ['True', 'False'],
    ['TRUE', 'FALSE'],
    ['t', 'f'],
    ['T', 'F'],
    ['1', '0'],
    ['1.0', '0.0'],
    ['1.00', '0'],
    ['+1', '-0'],
    ['1.', '0.'],
    ['1e0', '0e0'],
    ['01', '00'],
    ['yes', 'false'],
    ['\tyes', 'no\u00a0'],
  ])('%j means yes, %j means no', (yes, no) => {
    expect(meanings([yes, no])).toEqual(['yes', 'no']);
    expect(() => counted([yes, no]).check()).not.toThrow();
  });
});

describe('labels that are not "yes" never silently become "no"', () => {
  it.each<[string, string[], LabelWords, RegExp]>([
    [
      'a dot behind',
      ['>50K', '<=50K', '>50K.'],
      { goalValues: ['>50K'], otherValues: ['<=50K'] },
      /'>50K\.' \(1\)/,
    ],
    ['no value for no', ['>50K', '<=50K'], { goalValues: ['>50K'] }, /--other-value '<=50K'/],
    ['maybe', ['yes', 'no', 'maybe'], {}, /'maybe' \(1\)/],
    ['a third number', ['0', '1', '2'], {}, /'2' \(1\)/],
    ['a negative number', ['1', '0', '-1'], {}, /'-1' \(1\)/],
    ['counts', ['0', '1', '2', '5', '5'], {}, /counts.*--goal-value 1 2 5/],
    ['amounts', ['0', '19.99', '5'], {}, /amounts, add a column/],
    ['another language', ['ja', 'nein'], {}, /'ja' \(1\), 'nein' \(1\)/],
    ['a word of another language', ['yes', 'no', 'ja'], {}, /'ja'/],
    ['churn words', ['churned', 'active'], {}, /'churned'/],
    ['on and off', ['on', 'off'], {}, /'on'/],
    ['a half', ['1', '0', '0.5'], {}, /'0\.5'/],
    ['a spelling mistake', ['yes', 'no', 'yess'], {}, /'yess'/],
    ['words in one', ['yes', 'no', 'yes, later'], {}, /'yes, later'/],
    ['quotes left over', ['yes', 'no', '"yes"'], {}, /"yes/],
    ['other words for no', ['yes', 'no', 'never'], { otherValues: ['never'] }, /'no' \(1\)/],
    ['other words for yes', ['yes', 'no', 'paid'], { goalValues: ['paid'] }, /'yes' \(1\)/],
    [
      'a value that differs by case besides two named ones',
      ['paid', 'open', 'lost'],
      { goalValues: ['paid'], otherValues: ['open'] },
      /'lost' \(1\)/,
    ],
    ['years', ['2019', '2020'], {}, /'2019'/],
    ['classes', ['A', 'B', 'C'], { goalValues: ['A'], otherValues: ['B'] }, /'C' \(1\)/],
  ])('%s is refused with every value and its count', (_, labels, words, says) => {
    const { code, message } = refused(labels, words);
    expect(code).toBe('unnamed-label');
    expect(message).toMatch(says);
    for (const label of labels) expect(message).toContain(label.replaceAll('"', '').slice(0, 5));
  });

  it.each(['', ' ', 'NA', 'null', '?', 'None', '\\N', 'NaN', '-', '#N/A'])(
    '%j is refused unless told',
    (empty) => {
      const labels = ['yes', 'no', empty, empty];
      expect(refused(labels)).toMatchObject({
        code: 'unlabelled',
        message: expect.stringMatching(/\(2\).*--unlabelled drop.*--unlabelled no/) as string,
      });
      expect(() => counted(labels, { unlabelled: 'drop' }).check()).not.toThrow();
      expect(() => counted(labels, { unlabelled: 'no' }).check()).not.toThrow();
    },
  );
});

describe('signs next to a number make different values', () => {
  it.each(['$1', '1 $', '1 %', '1%', '1\u2030', '€ 1', '1€', '£1', '-$1', '+1 %', '1.0 %', '$ 1.00'])(
    '%j is not 1',
    (sign) => {
      const { code, message } = refused(['1', '0', sign]);
      expect([code, message]).toEqual(['unnamed-label', expect.stringContaining(`'${sign}' (1)`)]);
      expect(meanings(['1', sign, '0'], { goalValues: ['1'], otherValues: [sign, '0'] })).toEqual([
        ...['yes', 'no', 'no'],
      ]);
    },
  );

  it.each(['0 %', '$0', '0%', '-0 €'])('%j is not 0', (sign) => {
    expect(refused(['1', '0', sign]).code).toBe('unnamed-label');
  });

  it('but case and blanks are ignored in them', () => {
    expect(meanings([' 5  %', '5 %'], { goalValues: ['5 %'] })).toEqual(['yes', 'yes']);
  });
});

describe('labels that are named', () => {
  it('ignore case, blanks and number notation', () => {
    const words = { goalValues: ['High  Value', '2.0'], otherValues: ['low'] };
    expect(meanings([' high value', '2', '2.00', 'LOW'], words)).toEqual(['yes', 'yes', 'yes', 'no']);
  });

  it('take precedence over values that mean unknown', () => {
    expect(meanings(['+', '-'], { goalValues: ['+'], otherValues: ['-'] })).toEqual(['yes', 'no']);
  });

  it('may be every other value, but never an empty one', () => {
    const words = { goalValues: ['a'], otherValues: ['*'] };
    expect(meanings(['a', 'b', 'c', ''], words)).toEqual(['yes', 'no', 'no', 'unlabelled']);
  });

  it('may swap the usual words', () => {
    expect(meanings(['no', 'yes'], { goalValues: ['no'], otherValues: ['yes'] })).toEqual(['yes', 'no']);
  });

  it('of one goal take precedence over those of all goals', () => {
    expect(meanings(['paid', 'no'], { goalValues: ['yes'] }, ['paid'])).toEqual(['yes', 'no']);
  });

  it('never mean both yes and no', () => {
    expect(() => counted([], { goalValues: ['a'], otherValues: ['A '] })).toThrow(
      expect.objectContaining({ code: 'value-means-both' }),
    );
  });
});

describe('a goal', () => {
  it('is reached by some rows and not by others', () => {
    expect(refused(['no', 'no']).code).toBe('no-goal');
    expect(refused(['yes']).code).toBe('all-goals');
    expect(refused(['yes', ''], { unlabelled: 'drop' }).code).toBe('all-goals');
  });

  it('is not a column of a thousand values', () => {
    const labels = Array.from({ length: 1_001 }, (_, row) => `id-${row}`);
    expect(() => counted(labels)).toThrow(expect.objectContaining({ code: 'not-a-label' }));
  });

  it('counts its values, the most frequent first, in the notation of their first occurrence', () => {
    expect(counted(['No', 'yes', 'no ', 'NO', '']).counts).toEqual([
      { value: 'No', rows: 3, means: 'no' },
      { value: 'yes', rows: 1, means: 'yes' },
      { value: '', rows: 1, means: 'unlabelled' },
    ]);
  });
});
