import type { RetrainRequested } from '@factory/contracts';
import { BadInputError, FactoryError, ServerAwayError } from '@factory/domain';
import {
  rowGoalsOf,
  sourceMeant,
  type ProductState,
  type SourceDefinition,
  type SourceReading,
  type SourcesFile,
} from '@factory/source';

/** What this machine may know about the shops that requests name. */
export interface KnownSources {
  /** The declared sources; undefined if there is no sources.yaml. */
  declared(): SourcesFile | undefined;
  /** Reads the sources over their own connections. */
  reading(file: SourcesFile): SourceReading;
}

/**
 * The part of a request that could not be checked here and is left to data-prep; undefined if everything was
 * checked.
 */
export type Unchecked =
  | { readonly what: 'names' }
  | { readonly what: 'product'; readonly source: string; readonly product: number };

/** The source of a request, see `sourceMeant`. @throws BadInputError `unknown-source` */
export function sourceOf(file: SourcesFile, named: string | undefined): SourceDefinition {
  return file.source(sourceMeant([...file.all().keys()], named));
}

/**
 * Refuses early what data-prep would refuse later, as far as this machine can check it: source and goal by
 * sources.yaml, the product by the source's products table.
 *
 * @throws BadInputError `unknown-source`, `unknown-goal`, `unknown-product`, `inactive-product`
 */
export async function checkRequest(
  sources: KnownSources,
  request: RetrainRequested,
): Promise<Unchecked | undefined> {
  const file = sources.declared();
  if (!file) return { what: 'names' };
  const source = sourceOf(file, request.source);
  rowGoalsOf(source, request.goal ?? source.defaultGoal);
  if (request.productId === 0) return undefined;
  const state = await productStateHere(sources, file, source.name, request.productId);
  if (state === undefined) return { what: 'product', source: source.name, product: request.productId };
  if (state !== 'unknown' && state !== 'inactive') return undefined;
  const { table, active } = source.products;
  throw new BadInputError(`${state}-product`, {
    field: 'product',
    value: request.productId,
    todo:
      state === 'unknown'
        ? `use an id of table ${table} in source ${source.name}`
        : `set ${table}.${active ?? 'active'} for it, or request another product`,
  });
}

/** The state of a product in the source's products table; undefined if this machine cannot read the source. */
export async function productStateHere(
  sources: KnownSources,
  file: SourcesFile,
  source: string,
  product: number,
): Promise<ProductState | undefined> {
  try {
    return await sources
      .reading(file)
      .read(source, (reader) => reader.productState(product), { slot: false });
  } catch (thrown) {
    const cannotLook =
      thrown instanceof ServerAwayError ||
      (thrown instanceof FactoryError && thrown.code === 'missing-connection');
    if (!cannotLook) throw thrown;
    return undefined;
  }
}
