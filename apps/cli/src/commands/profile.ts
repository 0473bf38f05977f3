import { BadInputError, describeKey } from '@factory/domain';
import { profileOfRun, profileOfVersion, withPrincipal, type ShownProfile } from '@factory/fleet';
import type { Command } from 'commander';
import { atLeast, name, product, versionName } from '../program/arguments';
import { examples, withJson, type Cli, type DataOptions } from '../program/cli';
import { profilePage } from '../rendering/profile-page';
import { renderProfile } from '../rendering/render-profile';
import { fileTarget } from '../score/write-target';
import { modelKeyOf } from '../sources/model-key';

interface Options extends DataOptions {
  readonly run?: string;
  readonly product?: number;
  readonly source?: string;
  readonly goal?: string;
  readonly version?: string;
  readonly html?: string;
  readonly principal?: number;
}

/** `factory profile`. */
export function addProfile(program: Command, cli: Cli): void {
  withJson(program.command('profile'))
    .summary('show what the data of a run, or of a published model, looks like')
    .description(
      'Shows the columns that a model was trained on, weighted as in the shop: what is missing, quantiles, frequent ' +
        'levels, how well each column alone ranks the goals, and columns that say the same. --run reads the files of a ' +
        'run, also of one that ended as rejected, with what was found; --product reads the bundle of a version.',
    )
    .option('--run <run>', 'data that this run has drawn: its id, or the first letters of it')
    .option('--product <id>', 'data that a version of this product was trained on', product)
    .option('--source <name>', 'source of the product (default: the only source, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's default goal)", name('goal'))
    .option(
      '--version <version>',
      'version, as listed by `factory models --product` (default: the one in force)',
      versionName('version'),
    )
    .option(
      '--principal <number>',
      'also the first principal components of the columns of numbers; reads the dataset of the run, while its file exists',
      atLeast('principal', 1),
    )
    .option('--html <file>', 'write a page with pictures instead, one file without anything around it')
    .addHelpText(
      'after',
      examples(
        'factory profile --product 7',
        'factory profile --run 3f2a91c0 --principal 3 --html profile.html',
      ),
    )
    .action((options: Options) => showProfile(cli, options));
}

async function showProfile(cli: Cli, options: Options): Promise<void> {
  const shown = await load(cli, options);
  const { html } = options;
  if (html === undefined) return cli.out.show(options.json, shown, () => renderProfile(shown, cli.out));
  const file = fileTarget(html);
  await file.write(profilePage(shown));
  await file.close();
  cli.out.say(`the profile of ${describeKey(shown)} is in ${html}`);
}

async function load(
  cli: Cli,
  { run, product, version, principal, ...options }: Options,
): Promise<ShownProfile> {
  if ((run === undefined) === (product === undefined))
    throw new BadInputError('which-profile', {
      field: 'run',
      value: run ?? null,
      todo: 'name either --run, or --product for the data of a published model',
    });
  cli.servers.require('ledger', 'store');
  const from = {
    ledger: await cli.servers.ledger(),
    store: cli.servers.store(),
    codeVersion: cli.servers.codeVersion,
  };
  const shown =
    run === undefined
      ? await profileOfVersion(from, modelKeyOf(cli, product ?? 0, options), version)
      : await profileOfRun(from, run);
  return principal === undefined ? shown : withPrincipal(from, shown, principal);
}
