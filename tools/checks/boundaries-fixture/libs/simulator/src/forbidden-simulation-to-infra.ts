import * as other from '@factory/ledger';

export const borrowed = other;
