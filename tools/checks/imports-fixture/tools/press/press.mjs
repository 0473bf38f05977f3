import { screw } from './screw.mjs';

export const press = screw;
