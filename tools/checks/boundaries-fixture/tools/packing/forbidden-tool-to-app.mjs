import * as trainer from '../../apps/trainer/src/main';

export const borrowed = trainer;
