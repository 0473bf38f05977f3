import * as other from '@factory/fleet';

export const borrowed = other;
