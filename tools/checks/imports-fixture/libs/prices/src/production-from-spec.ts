export { REAL } from './coins.int-spec';
export { counts } from './conformance/index';
export { FORGED } from './error-fixtures';
export { NOTE } from './fixtures/notes';
export { COIN } from './spec-coins';
