import { TILL } from '../../apps/till/src/main';

export const pressed = TILL;
