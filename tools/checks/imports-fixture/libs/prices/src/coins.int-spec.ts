import { counts } from './conformance/index';
import { FORGED } from './error-fixtures';
import { NOTE } from './fixtures/notes';
import { COIN } from './spec-coins';

export const REAL = [COIN, NOTE, FORGED].filter(counts);
