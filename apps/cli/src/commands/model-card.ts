import { describeKey } from '@factory/domain';
import { cardOfVersion } from '@factory/fleet';
import type { Command } from 'commander';
import { versionName } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { withModel, type ModelOptions } from '../program/model-options';
import { cardPage } from '../rendering/card-page';
import { fileTarget } from '../score/write-target';
import { modelKeyOf } from '../sources/model-key';

interface Options extends DataOptions, ModelOptions {
  readonly version?: string;
  readonly html?: string;
}

/** `factory models card`. */
export function addModelCard(models: Command, cli: Cli): void {
  withModel(withJson(models.command('card')))
    .description(
      'Shows the card of a version: what it is for, what it was trained on, how good and how true its scores are, which ' +
        'columns count, when not to use it. It is the card.md of its bundle, checked against its hash.',
    )
    .option(
      '--version <version>',
      'version, as listed by `factory models --product` (default: the one in force)',
      versionName('version'),
    )
    .option('--html <file>', 'write a page instead, one file with the pictures in it')
    .addHelpText(
      'after',
      examples('factory models card --product 7', 'factory models card --product 7 --html card.html'),
    )
    .action((options: Options) => showCard(cli, options));
}

async function showCard(cli: Cli, options: Options): Promise<void> {
  cli.servers.require('ledger', 'store');
  const from = { ledger: await cli.servers.ledger(), store: cli.servers.store() };
  const { html, version } = options;
  const shown = await cardOfVersion(from, modelKeyOf(cli, options.product, options), version);
  if (html === undefined) return cli.out.show(options.json, shown, () => shown.card.trimEnd());
  const file = fileTarget(html);
  await file.write(cardPage(shown));
  await file.close();
  cli.out.say(`the card of ${describeKey(shown)} is in ${html}`);
}
