import type { WindowMessage } from '@factory/contracts';
import { listChampions, listVersions, type ListedChampion } from '@factory/fleet';
import type { Command } from 'commander';
import { name, product } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { figure, instant, shortId, unreadableNote } from '../rendering/format';
import { addModelCard } from './model-card';
import { declaredSources, modelKeyOf } from '../sources/model-key';
import { renderTable } from '../rendering/table';
import { windowNote, windowText } from '../rendering/training-window';

interface Options extends DataOptions {
  readonly source?: string;
  readonly goal?: string;
  readonly product?: number;
}

/** `factory models` and `factory models card`. */
export function addModels(program: Command, cli: Cli): void {
  const models = withJson(program.command('models'))
    .enablePositionalOptions()
    .summary('list the versions in force, or all versions of one product; show a card')
    .description(
      'Lists the champion of every product, with the days that it was trained on and the range that was requested; ' +
        'with --product, every version that was ever published.',
    )
    .option('--source <name>', 'only this source', name('source'))
    .option('--product <id>', 'all versions of this product', product)
    .option('--goal <name>', 'only this goal', name('goal'))
    .addHelpText('after', examples('factory models --source main', 'factory models --product 7 --json'))
    .action(async (options: Options) => {
      if (options.product !== undefined) return showVersions(cli, options.product, options);
      if (options.source !== undefined) declaredSources(cli)?.source(options.source);
      const listed = await listChampions(await cli.servers.ledger(), options);
      cli.out.show(options.json, listed, () =>
        listed.length === 0
          ? 'no model is published yet: request one with `factory retrain`'
          : noted(table(cli, listed), listed),
      );
    });
  addModelCard(models, cli);
}

/** The table, and below it why windows are shorter than the requested ranges. */
function noted(table: string, listed: readonly { readonly window: WindowMessage | null }[]): string {
  const note = windowNote(listed.flatMap(({ window }) => window ?? []));
  return note ? `${table}\n\n${note}` : table;
}

function table(cli: Cli, champions: readonly ListedChampion[]): string {
  const metric = (field: string, digits: number) => (champion: ListedChampion) =>
    figure(champion.metrics[field], digits);
  return renderTable<ListedChampion>(
    [
      { title: 'source', of: (one) => one.source },
      { title: 'goal', of: (one) => one.goal },
      { title: 'product', of: (one) => String(one.product), align: 'right' },
      { title: 'version', of: (one) => one.version },
      { title: 'state', of: ({ state }) => stateText(state) },
      { title: 'epoch', of: (one) => String(one.epoch), align: 'right' },
      { title: 'auc', of: metric('rocAuc', 4), align: 'right' },
      { title: 'log-loss', of: metric('logLoss', 5), align: 'right' },
      { title: 'lift 5 %', of: metric('liftAt5', 2), align: 'right' },
      { title: 'trained on', of: (one) => windowText(one.window ?? undefined) },
      { title: 'since (UTC)', of: (one) => instant(one.since) },
      { title: 'run', of: (one) => shortId(one.run) },
      { title: 'location', of: (one) => one.location, flexible: true },
      { title: '', of: unreadableNote },
    ],
    champions,
    { width: cli.out.width },
  );
}

/** Empty: in force, and replaced by what is better. */
function stateText(state: ListedChampion['state']): string {
  if (!state) return '';
  return state.until ? `${state.state} until ${instant(state.until)}` : state.state;
}

async function showVersions(cli: Cli, product: number, options: Options): Promise<void> {
  const key = modelKeyOf(cli, product, options);
  const versions = await listVersions(await cli.servers.ledger(), key);
  cli.out.show(options.json, versions, () =>
    versions.length === 0
      ? 'no version of this product is published'
      : noted(
          renderTable(
            [
              { title: 'version', of: (one) => one.version },
              { title: 'published (UTC)', of: (one) => instant(one.publishedAt) },
              { title: 'run', of: (one) => shortId(one.run) },
              { title: 'trained on', of: (one) => windowText(one.window ?? undefined) },
              {
                title: '',
                of: (one) => [one.inForce ? 'in force' : '', unreadableNote(one)].filter(Boolean).join('; '),
              },
            ],
            versions,
            { width: cli.out.width },
          ),
          versions,
        ),
  );
}
