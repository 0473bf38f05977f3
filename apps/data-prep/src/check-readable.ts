import { orDrop, type SourceDefinition, type UnreadableInput } from '@factory/source';
import type { InputCheck } from './input-check';

/**
 * Required values of a visit or goal row that cannot be read. A guess would create a label or a time that was never
 * recorded, so they end the run unless the source declares that they are left out.
 */
export function checkReadable(source: SourceDefinition, unreadable: UnreadableInput): InputCheck[] {
  const drop = source.unreadable === 'drop';
  const columns = unreadable.columns.map(({ column, count, example }): InputCheck => ({
    check: 'unreadable-values',
    column,
    figure: `${count}, such as ${example}`,
    limit: 0,
    result: drop ? 'warn' : 'fail',
    note: drop
      ? 'their rows are left out, as declared: correct them'
      : `correct the values that cannot be read, ${orDrop(source)}`,
  }));
  const { table, product } = source.visits;
  const line = {
    check: 'no-product',
    column: `${table}.${product}`,
    figure: unreadable.ofNoProduct,
    limit: 0,
  };
  return unreadable.ofNoProduct === 0
    ? columns
    : [...columns, { ...line, result: 'warn', note: 'these visits have no product: no run uses them' }];
}
