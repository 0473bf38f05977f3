import { type ONE } from './circle-one';

export const OTHER: typeof ONE = 2;
