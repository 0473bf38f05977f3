import { OTHER } from './circle-two';

export const ONE = OTHER;
