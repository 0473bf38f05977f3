import { BadInputError, BadInputsError } from '@factory/domain';
import type { CatalogueFault, ProductList, ProductState, SourceDefinition } from '@factory/source';

/**
 * Missing tables and columns of products, visits and goal concern every product: one refusal of the request
 * names all of them. Feature tables are checked by the runs' input checks (rules R12).
 *
 * @throws BadInputsError `invalid-source`
 */
export function refuseBadDeclaration(source: string, faults: readonly CatalogueFault[]): void {
  const errors = faults.filter(
    ({ severity, field }) => severity === 'error' && !field.startsWith(`sources.${source}.features`),
  );
  if (errors.length > 0) throw new BadInputsError('invalid-source', errors);
}

/** @throws BadInputError `no-active-product` */
export function someProduct(source: string, list: ProductList): ProductList {
  if (list.active.length + list.contradictory.length > 0) return list;
  const named = list.leftOut.map(({ item, reason }) => `${item}: ${reason}`).join('; ');
  throw new BadInputError('no-active-product', {
    field: 'productId',
    value: 0,
    todo:
      `activate a product of source ${source}, with a positive whole number as its id` +
      (named === '' ? '' : ` (left out: ${named})`),
  });
}

/** @throws BadInputError `unknown-product`, `inactive-product` */
export function oneProduct(
  source: string,
  product: number,
  state: ProductState,
  { products }: SourceDefinition,
): ProductList {
  if (state === 'active') return { active: [product], contradictory: [], leftOut: [] };
  if (state === 'contradictory') return { active: [], contradictory: [product], leftOut: [] };
  throw new BadInputError(`${state}-product`, {
    field: 'productId',
    value: product,
    todo:
      state === 'unknown'
        ? `use an id of ${products.table} in source ${source}`
        : 'activate the product, or request another one',
  });
}
