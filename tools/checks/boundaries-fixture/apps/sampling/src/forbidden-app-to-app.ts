import * as trainer from '../../trainer/src/main';

export const borrowed = trainer;
