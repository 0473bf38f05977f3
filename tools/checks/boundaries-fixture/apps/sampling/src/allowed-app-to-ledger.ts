import * as ledger from '@factory/ledger';

export const used = ledger;
