import { NO_COLUMN } from '@factory/normalisation';
import { gatherRows } from './expand-rows';
import type { InputMatrix } from './training-engine';

const dense: InputMatrix = { features: Float32Array.of(1, 2, 3, 4, 5, 6), width: 2 };

/** Inputs 0 and 3 dense; 1, 2 one group; 4, 5 another. */
const coded: InputMatrix = {
  features: Float32Array.of(0.5, -1, NaN, 7, 3, 4),
  width: 6,
  oneHot: {
    codes: Uint16Array.of(0, 3, 1, NO_COLUMN, NO_COLUMN, 2),
    groups: 2,
    columns: Uint32Array.of(1, 2, 4, 5),
    denseColumns: Uint32Array.of(0, 3),
  },
};

it('copies rows in the requested order, repeatedly if requested', () => {
  expect([...gatherRows(dense, Uint32Array.of(2, 0, 2))]).toEqual([5, 6, 1, 2, 5, 6]);
});

it('expands coded columns to 0 and 1, and to zeros if a group has no code', () => {
  expect([...gatherRows(coded, Uint32Array.of(0, 1, 2))]).toEqual([
    ...[0.5, 1, 0, -1, 0, 1],
    ...[NaN, 0, 1, 7, 0, 0],
    ...[3, 0, 0, 4, 1, 0],
  ]);
});

it('overwrites the content of `into`, and nothing after it', () => {
  const into = new Float32Array(8).fill(9);
  expect([...gatherRows(coded, Uint32Array.of(2), into)]).toEqual([3, 0, 0, 4, 1, 0]);
  expect([...into]).toEqual([3, 0, 0, 4, 1, 0, 9, 9]);
});

it('refuses an `into` that is too small', () => {
  expect(() => gatherRows(dense, Uint32Array.of(0, 1), new Float32Array(3))).toThrow(
    expect.objectContaining({ code: 'matrix-too-small' }),
  );
});
