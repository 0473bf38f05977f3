import * as other from '../../apps/trainer/src/main';

export const borrowed = other;
