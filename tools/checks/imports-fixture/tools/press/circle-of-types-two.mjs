import { one } from './circle-of-types-one.mjs';

/** @typedef {number} Two */

export const two = one;
