import type { RetrainRequested } from '@factory/contracts';
import { BadInputError, FactoryError, ServerAwayError } from '@factory/domain';
import { rowGoalsOf } from '@factory/source';
import type { Cli } from '../../../../apps/cli/src/program/cli';
import { declaredSources, sourceOf } from '../../../../apps/cli/src/sources/model-key';

/**
 * Refuses here what data-prep would refuse later, as far as this machine can know: source and goal by
 * sources.yaml, the product by the source's own table. What cannot be known is said and left to data-prep.
 *
 * @throws BadInputError `unknown-source`, `unknown-goal`, `unknown-product`, `inactive-product`
 */
export async function checkRequest(cli: Cli, request: RetrainRequested): Promise<void> {
  const file = declaredSources(cli);
  if (!file) {
    cli.out.say(`no ${cli.servers.sourcesPath} here: source, goal and product are checked by data-prep`);
    return;
  }
  const source = sourceOf(file, request.source);
  rowGoalsOf(source, request.goal ?? source.defaultGoal);
  if (request.productId === 0) return;
  const state = await productStateHere(cli, source.name, request.productId, 'it is checked by data-prep');
  if (state !== 'unknown' && state !== 'inactive') return;
  const { table, active } = source.products;
  throw new BadInputError(`${state}-product`, {
    field: 'product',
    value: request.productId,
    todo:
      state === 'unknown'
        ? `use an id of table ${table} in source ${source.name}`
        : `set ${table}.${active ?? 'active'} for it, or ask for another`,
  });
}

/**
 * What the source's own table says of a product, as far as this machine can ask it.
 *
 * @param otherwise what follows where it cannot
 */
export async function productStateHere(
  cli: Cli,
  source: string,
  product: number,
  otherwise: string,
): Promise<string> {
  try {
    const file = cli.servers.sources();
    return await cli.servers
      .sourceAccess(file)
      .read(source, (reader) => reader.productState(product), { slot: false });
  } catch (thrown) {
    const cannotLook =
      thrown instanceof ServerAwayError ||
      (thrown instanceof FactoryError && thrown.code === 'missing-connection');
    if (!cannotLook) throw thrown;
    cli.out.say(`source ${source} cannot be asked for product ${product} from here: ${otherwise}`);
    return 'not known';
  }
}
