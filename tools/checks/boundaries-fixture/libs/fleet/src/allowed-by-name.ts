import * as other from '@factory/registry';

export const borrowed = other;
