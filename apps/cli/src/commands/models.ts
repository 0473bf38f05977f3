import type { Command } from 'commander';
import { Champions, publishedVersions, type Champion } from '@factory/sql';
import { name, product } from '../arguments';
import { examples, withJson, type Cli, type DataOptions } from '../cli';
import { figure, instant, shortId, unreadableNote } from '../format';
import { modelKeyOf } from '../model-key';
import { renderTable } from '../table';

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
      'Lists the champion of every product; with --product, every version that was ever published.',
    )
    .option('--source <name>', 'only this source', name('source'))
    .option('--product <id>', 'all versions of this product', product)
    .option('--goal <name>', 'only this goal', name('goal'))
    .addHelpText('after', examples('factory models --source main', 'factory models --product 7 --json'))
    .action(async (options: Options) => {
      if (options.product !== undefined) return showVersions(cli, options.product, options);
      const all = await new Champions(await cli.servers.ledger()).list(options.source);
      const champions = all.filter((one) => options.goal === undefined || one.goal === options.goal);
      cli.out.show(options.json, champions, () =>
        champions.length === 0
          ? 'no model is published yet: ask for one with `factory retrain`'
          : table(cli, champions),
      );
    });
}

function table(cli: Cli, champions: readonly Champion[]): string {
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
  const versions = (await publishedVersions(ledger, key)).map((one) => ({
    ...one,
    inForce: one.version === champion?.version,
  }));
  cli.out.show(options.json, versions, () =>
    versions.length === 0
      ? 'no version of this product is published'
      : renderTable(
          [
            { title: 'version', of: (one) => one.version },
            { title: 'published (UTC)', of: (one) => instant(one.publishedAt) },
            { title: 'run', of: (one) => shortId(one.run) },
            {
              title: '',
              of: (one) => [one.inForce ? 'in force' : '', unreadableNote(one)].filter(Boolean).join('; '),
            },
          ],
          versions,
          { width: cli.out.width },
        ),
  );
}
