import type { Command } from 'commander';
import { name, product } from './arguments';

/** What names one model. */
export interface ModelOptions {
  readonly product: number;
  readonly source?: string;
  readonly goal?: string;
}

/**
 * Adds `--product`, `--source` and `--goal` to a command about one model.
 *
 * @param productIs meaning of the product, for `--help`
 */
export function withModel(command: Command, productIs = 'product of the model'): Command {
  return command
    .requiredOption('--product <id>', productIs, product)
    .option('--source <name>', 'source of the product (default: the only source, or main)', name('source'))
    .option('--goal <name>', "goal of the model (default: the source's default goal)", name('goal'));
}
