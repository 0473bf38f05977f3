import * as other from '../../../apps/publisher/src/main';

export const borrowed = other;
