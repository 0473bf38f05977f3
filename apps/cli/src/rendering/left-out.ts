import type { LeftOutProduct } from '@factory/domain';
import type { Cli } from '../program/cli';

/** Lists the items of a request for which no run could start, so that people know they were not trained. */
export function warnOfLeftOut(cli: Cli, leftOut: readonly LeftOutProduct[]): void {
  for (const { item, reason } of leftOut) cli.out.warn(`left out: product id ${item}: ${reason}`);
}
