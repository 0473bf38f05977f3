import type { WindowMessage } from '@factory/contracts';
import { Champions, publishedVersions, trainingWindowsOf, type Champion } from '@factory/ledger';
import type { Command } from 'commander';
import { name, product } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { figure, instant, shortId, unreadableNote } from '../rendering/format';
import { declaredSources, modelKeyOf } from '../sources/model-key';
import { renderTable } from '../rendering/table';
import { windowNote, windowText } from '../rendering/training-window';

interface Options extends DataOptions {
  readonly source?: string;
  readonly goal?: string;
  readonly product?: number;
}

/** `factory models`. */
export function addModels(program: Command, cli: Cli): void {
  withJson(program.command('models'))
    .summary('list the versions in force, or all versions of one product')
    .description(
      'Lists the champion of every product, with the days that it was trained on out of the range that was asked for; ' +
        'with --product, every version that was ever published.',
    )
    .option('--source <name>', 'only this source', name('source'))
    .option('--product <id>', 'all versions of this product', product)
    .option('--goal <name>', 'only this goal', name('goal'))
    .addHelpText('after', examples('factory models --source main', 'factory models --product 7 --json'))
    .action(async (options: Options) => {
      if (options.product !== undefined) return showVersions(cli, options.product, options);
      if (options.source !== undefined) declaredSources(cli)?.source(options.source);
      const all = await new Champions(await cli.servers.ledger()).list(options.source);
      const champions = all.filter((one) => options.goal === undefined || one.goal === options.goal);
      const windows = await trainingWindowsOf(
        await cli.servers.ledger(),
        champions.map((one) => one.run),
      );
      const listed = champions.map((one) => ({ ...one, window: windows.get(one.run) ?? null }));
      cli.out.show(options.json, listed, () =>
        champions.length === 0
          ? 'no model is published yet: ask for one with `factory retrain`'
          : noted(table(cli, champions, windows), windows),
      );
    });
}

/** The table, and below it why windows are shorter than what was asked for. */
function noted(table: string, windows: ReadonlyMap<string, WindowMessage>): string {
  const note = windowNote([...windows.values()]);
  return note ? `${table}\n\n${note}` : table;
}

function table(
  cli: Cli,
  champions: readonly Champion[],
  windows: ReadonlyMap<string, WindowMessage>,
): string {
  const metric = (field: string, digits: number) => (champion: Champion) =>
    figure(champion.metrics[field], digits);
  return renderTable<Champion>(
    [
      { title: 'source', of: (one) => one.source },
      { title: 'goal', of: (one) => one.goal },
      { title: 'product', of: (one) => String(one.product), align: 'right' },
      { title: 'version', of: (one) => one.version },
      { title: 'epoch', of: (one) => String(one.epoch), align: 'right' },
      { title: 'auc', of: metric('rocAuc', 4), align: 'right' },
      { title: 'log-loss', of: metric('logLoss', 5), align: 'right' },
      { title: 'lift 5 %', of: metric('liftAt5', 2), align: 'right' },
      { title: 'trained on', of: (one) => windowText(windows.get(one.run)) },
      { title: 'since (UTC)', of: (one) => instant(one.since) },
      { title: 'run', of: (one) => shortId(one.run) },
      { title: 'location', of: (one) => one.location, flexible: true },
      { title: '', of: unreadableNote },
    ],
    champions,
    { width: cli.out.width },
  );
}

async function showVersions(cli: Cli, product: number, options: Options): Promise<void> {
  const key = modelKeyOf(cli, product, options);
  const ledger = await cli.servers.ledger();
  const champion = await new Champions(ledger).find(key);
  const published = await publishedVersions(ledger, key);
  const windows = await trainingWindowsOf(
    ledger,
    published.map((one) => one.run),
  );
  const versions = published.map((one) => ({
    ...one,
    window: windows.get(one.run) ?? null,
    inForce: one.version === champion?.version,
  }));
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
          windows,
        ),
  );
}
