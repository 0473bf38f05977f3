import * as other from '@factory/object-store';

export const borrowed = other;
