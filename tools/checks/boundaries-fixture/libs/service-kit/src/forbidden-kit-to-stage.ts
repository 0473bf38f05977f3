import * as other from '@factory/stage';

export const borrowed = other;
