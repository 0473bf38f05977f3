import { OptionReader } from './option-reader.mjs';

describe('an option', () => {
  it('may be a list of numbers', () => {
    const options = new OptionReader({ sizes: '40,396,40', batches: '32,x' });
    expect(options.counts('sizes')).toEqual([40, 396, 40]);
    expect(options.faults).toEqual([]);
    options.counts('batches');
    expect(options.faults).toEqual(['--batches 32,x: give whole numbers of at least 1.']);
  });

  it('is not a count when it is empty, a fraction or too small', () => {
    for (const text of ['0', '-1', '2.5', 'ten', ''])
      expect(countFaults(text)).toEqual([`--n ${text}: give a whole number of at least 1.`]);
  });

  it('can have an upper limit', () => {
    const options = new OptionReader({ width: '901' });
    options.count('width', 900);
    expect(options.faults).toEqual(['--width 901: give a whole number from 1 to 900.']);
  });
});

/** @param {string} text */
function countFaults(text) {
  const options = new OptionReader({ n: text });
  options.count('n');
  return options.faults;
}
