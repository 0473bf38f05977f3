import * as ledger from '@factory/ledger';

export const borrowed = ledger;
