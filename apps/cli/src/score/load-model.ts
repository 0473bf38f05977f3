import { ServerAwayError, type ModelKey } from '@factory/domain';
import { Champions } from '@factory/ledger';
import { loadVersion, versionInForce, type LoadedVersion, type VersionInForce } from '@factory/registry';
import type { Cli } from '../program/cli';

export interface LoadedModel extends LoadedVersion {
  readonly version: string;
  /** The source of the information which version is in force. */
  readonly chosenBy: 'option' | VersionInForce['chosenBy'];
}

/**
 * Loads the version in force, or the requested one, from the store; checks the hash of every file, and that the
 * golden rows score as published.
 *
 * @throws BadInputError `no-champion`, `model-retired`, `unknown-version`; IntegrityError; GoldenRowsError
 */
export async function loadModel(cli: Cli, key: ModelKey, version?: string): Promise<LoadedModel> {
  const store = cli.servers.store();
  if (version !== undefined)
    return { ...(await loadVersion(store, key, version)), version, chosenBy: 'option' };
  const chosen = await versionInForce(store, key, await championsIfThere(cli));
  const loaded = await loadVersion(store, key, chosen.version, chosen.manifestSha256);
  return { ...loaded, version: chosen.version, chosenBy: chosen.chosenBy };
}

/** Undefined if no database is configured, or it cannot be reached. */
async function championsIfThere(cli: Cli): Promise<Champions | undefined> {
  if (cli.servers.text('FACTORY_DATABASE_URL') === undefined) return undefined;
  try {
    return new Champions(await cli.servers.ledger());
  } catch (thrown) {
    if (!(thrown instanceof ServerAwayError)) throw thrown;
    cli.out.say('the database is unavailable: champion.json says which version is in force');
    return undefined;
  }
}
