import { BadInputError, FactoryError, ServerAwayError, describeKey, type ModelKey } from '@factory/domain';
import { Champions } from '@factory/ledger';
import { loadScorer, type DecodedBundle, type Scorer } from '@factory/model';
import { championKey, versionFileKey, type ObjectStore } from '@factory/object-store';
import { readChampionPointer } from '@factory/registry';
import type { Cli } from '../program/cli';

export interface LoadedModel {
  readonly scorer: Scorer;
  readonly bundle: DecodedBundle;
  readonly version: string;
  /** Where it was learnt which version is in force. */
  readonly chosenBy: 'option' | 'database' | 'champion.json';
}

interface Chosen {
  readonly version: string;
  readonly manifestSha256?: string;
  readonly chosenBy: LoadedModel['chosenBy'];
}

/**
 * Loads the version in force, or the one asked for, from the store: every file by its hash, and only if the golden
 * rows come out as published.
 *
 * @throws BadInputError `no-champion`, `unknown-version`; IntegrityError; GoldenRowsError
 */
export async function loadModel(cli: Cli, key: ModelKey, version?: string): Promise<LoadedModel> {
  const chosen: Chosen = version === undefined ? await championOf(cli, key) : { version, chosenBy: 'option' };
  return {
    ...(await loadVersion(cli.servers.store(), key, chosen.version, chosen.manifestSha256)),
    ...chosen,
  };
}

/** @throws BadInputError `unknown-version`; IntegrityError; GoldenRowsError */
export async function loadVersion(
  store: Pick<ObjectStore, 'get'>,
  key: ModelKey,
  version: string,
  manifestSha256?: string,
): Promise<{ scorer: Scorer; bundle: DecodedBundle }> {
  try {
    return await loadScorer((file) => store.get(versionFileKey(key, version, file)), manifestSha256);
  } catch (cause) {
    if (!(cause instanceof FactoryError) || cause.code !== 'object-not-found') throw cause;
    throw new BadInputError(
      'unknown-version',
      {
        field: 'version',
        value: version,
        todo: `list the versions of ${describeKey(key)} with \`factory models --product ${key.product}\` (${cause.message})`,
      },
      { cause },
    );
  }
}

/** The database is the authority; without it the pointer in the store says which version is in force. */
async function championOf(cli: Cli, key: ModelKey): Promise<Chosen> {
  const ledger = await ledgerIfThere(cli);
  const champion = ledger && (await new Champions(ledger).find(key));
  if (champion) {
    const { version, manifestSha256 } = champion;
    return { version, manifestSha256, chosenBy: 'database' };
  }
  const pointer = ledger ? undefined : await readChampionPointer(cli.servers.store(), championKey(key));
  if (pointer) {
    const { version, manifestSha256 } = pointer;
    return { version, manifestSha256, chosenBy: 'champion.json' };
  }
  throw new BadInputError('no-champion', {
    field: 'product',
    value: describeKey(key),
    todo: 'no model of it is published yet: ask for one with `factory retrain`',
  });
}

async function ledgerIfThere(cli: Cli): Promise<Awaited<ReturnType<Cli['servers']['ledger']>> | undefined> {
  if (cli.servers.text('FACTORY_DATABASE_URL') === undefined) return undefined;
  try {
    return await cli.servers.ledger();
  } catch (thrown) {
    if (!(thrown instanceof ServerAwayError)) throw thrown;
    cli.out.say('the database is away: champion.json says which version is in force');
    return undefined;
  }
}
