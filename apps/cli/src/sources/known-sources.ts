import type { KnownSources, Unchecked } from '@factory/fleet';
import type { Cli } from '../program/cli';
import { declaredSources } from './model-key';

/** The sources that are declared on this machine. */
export function knownSources(cli: Cli): KnownSources {
  return { declared: () => declaredSources(cli), reading: (file) => cli.servers.sourceAccess(file) };
}

/** Says which parts of a request only data-prep can check. */
export function sayUncheckedRequest(cli: Cli, unchecked: Unchecked | undefined): void {
  if (unchecked?.what === 'names')
    cli.out.say(`no ${cli.servers.sourcesPath} here: source, goal and product are checked by data-prep`);
  if (unchecked?.what === 'product') cli.out.say(`${cannotAsk(unchecked)}: it is checked by data-prep`);
}

/** Says what could not be checked about the product whose policy is set. */
export function sayUncheckedPolicy(cli: Cli, unchecked: Unchecked | undefined): void {
  if (unchecked?.what === 'names')
    cli.out.warn(`no ${cli.servers.sourcesPath} here: cannot check that the product exists`);
  if (unchecked?.what === 'product') cli.out.say(`${cannotAsk(unchecked)}: the policy is set anyway`);
}

function cannotAsk({ source, product }: Extract<Unchecked, { what: 'product' }>): string {
  return `cannot check product ${product} in source ${source} from this machine`;
}
