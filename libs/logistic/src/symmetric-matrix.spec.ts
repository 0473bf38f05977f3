import { factoriseInPlace, solveFactorised, symmetricMatrix } from './symmetric-matrix';

/** Solves the equations of a symmetric matrix given in full. */
function solve(full: number[][], right: number[]): number[] {
  const matrix = symmetricMatrix(full.length);
  full.forEach((row, at) => matrix.values.set(row.slice(0, at + 1), at * matrix.stride));
  factoriseInPlace(matrix);
  return [...solveFactorised(matrix, Float64Array.from(right))];
}

it('solves equations', () => {
  // Cholesky factor [[2], [6, 1], [-8, 5, 3]]
  const full = [
    [4, 12, -16],
    [12, 37, -43],
    [-16, -43, 98],
  ];
  const wanted = [3, -2, 0.5];
  const right = full.map((row) => row.reduce((sum, value, at) => sum + value * wanted[at]!, 0));
  solve(full, right).forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 10));
});

it.each([1, 2, 3, 4, 5, 8, 9])('solves %i equations', (size) => {
  const full = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => 1 / (1 + Math.abs(row - column)) + (row === column ? 1 : 0)),
  );
  const wanted = full.map((_, at) => at - 2);
  const right = full.map((row) => row.reduce((sum, value, at) => sum + value * wanted[at]!, 0));
  solve(full, right).forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 10));
});

it('gives a direction of descent where rounding left no positive definite matrix', () => {
  const twice = [
    [1e18, 1e18],
    [1e18, 1e18],
  ];
  const [first, second] = solve(twice, [1e18, 2e18]);
  expect(first! * 1 + second! * 2).toBeGreaterThan(0);
});
