import * as sql from '@factory/sql';

export const borrowed = sql;
