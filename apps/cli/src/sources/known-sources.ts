import type { KnownSources, Unchecked } from '@factory/fleet';
import type { Cli } from '../program/cli';
import { declaredSources } from './model-key';

/** The shops as this machine knows them. */
export function knownSources(cli: Cli): KnownSources {
  return { declared: () => declaredSources(cli), reading: (file) => cli.servers.sourceAccess(file) };
}

/** Says what of a request is left to data-prep. */
export function sayUncheckedRequest(cli: Cli, unchecked: Unchecked | undefined): void {
  if (unchecked?.what === 'names')
    cli.out.say(`no ${cli.servers.sourcesPath} here: source, goal and product are checked by data-prep`);
  if (unchecked?.what === 'product') cli.out.say(`${cannotAsk(unchecked)}: it is checked by data-prep`);
}

/** Says what is not known of the product whose policy is set. */
export function sayUncheckedPolicy(cli: Cli, unchecked: Unchecked | undefined): void {
  if (unchecked?.what === 'names')
    cli.out.warn(`no ${cli.servers.sourcesPath} here: whether there is such a product is not known`);
  if (unchecked?.what === 'product') cli.out.say(`${cannotAsk(unchecked)}: the policy is set all the same`);
}

function cannotAsk({ source, product }: Extract<Unchecked, { what: 'product' }>): string {
  return `source ${source} cannot be asked for product ${product} from here`;
}
