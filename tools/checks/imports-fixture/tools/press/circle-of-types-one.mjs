/** @type {import('./circle-of-types-two.mjs').Two} */
export const one = 2;
