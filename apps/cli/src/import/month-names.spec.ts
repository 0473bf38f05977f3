import { monthOf } from './month-names';

describe('month names', () => {
  it.each([
    ['Feb', 2],
    ['jun', 6],
    ['June', 6],
    ['JUNI', 6],
    ['Sept.', 9],
    ['Mär', 3],
    ['März', 3],
    ['Maerz', 3],
    ['mai', 5],
    ['Okt', 10],
    ['december', 12],
    [' Dez ', 12],
    ['Jänner', 1],
    ['7', 7],
    ['07', 7],
    ['12', 12],
  ])('reads %p as month %p', (text, month) => {
    expect(monthOf(text)).toBe(month);
  });

  it.each(['', 'ju', 'ma', 'J', '0', '13', 'Junk', 'monday', 'constructor', '__proto__', 'valueof'])(
    'does not read %p as a month',
    (text) => {
      expect(monthOf(text)).toBeUndefined();
    },
  );
});
