import * as other from '@factory/mysql';

export const borrowed = other;
