import * as sql from '@factory/sql';

export const used = sql;
