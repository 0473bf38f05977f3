import { press } from '../press/press.mjs';
import { screw } from '../press/screw.mjs';

export const mill = press + screw;
