import { integer } from 'fast-check';

export const anything = integer();
