import type { LeftOutProduct } from '@factory/domain';
import type { Cli } from '../program/cli';

/** Says what a request could start no run of, so that nobody takes it for trained. */
export function warnOfLeftOut(cli: Cli, leftOut: readonly LeftOutProduct[]): void {
  for (const { item, reason } of leftOut) cli.out.warn(`left out: product id ${item}: ${reason}`);
}
