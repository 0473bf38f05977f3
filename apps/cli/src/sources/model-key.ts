import { BadInputError, FactoryError, type ModelKey } from '@factory/domain';
import { sourceOf } from '@factory/fleet';
import { DEFAULT_SOURCE, rowGoalsOf, type SourcesFile } from '@factory/source';
import type { Cli } from '../program/cli';

export interface KeyOptions {
  readonly source?: string;
  readonly goal?: string;
}

/** The declared sources, or undefined if this machine has no sources.yaml: then names cannot be checked here. */
export function declaredSources(cli: Cli): SourcesFile | undefined {
  try {
    return cli.servers.sources();
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.code === 'no-sources-file') return undefined;
    throw thrown;
  }
}

/**
 * Completes source and goal from sources.yaml, and checks them if the file exists.
 *
 * @throws BadInputError `unknown-source`, `unknown-goal`, or `missing-goal` if the default is unknown
 */
export function modelKeyOf(cli: Cli, product: number, options: KeyOptions): ModelKey {
  const file = declaredSources(cli);
  if (file) {
    const source = sourceOf(file, options.source);
    const goal = options.goal ?? source.defaultGoal;
    rowGoalsOf(source, goal);
    return { source: source.name, product, goal };
  }
  if (options.goal !== undefined)
    return { source: options.source ?? DEFAULT_SOURCE, product, goal: options.goal };
  throw new BadInputError('missing-goal', {
    field: 'goal',
    value: null,
    todo: `name it with --goal: there is no ${cli.servers.sourcesPath} here that declares the default`,
  });
}
