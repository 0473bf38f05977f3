import { FactoryError } from '@factory/domain';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's root folder, found from here upwards. */
export function repositoryRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'nx.json'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new FactoryError(
        'no-repository',
        `no nx.json above ${__dirname}: run inside the repository`,
        false,
      );
    }
    folder = parent;
  }
  return folder;
}

/**
 * Python with pyarrow, numpy, scikit-learn and nats-py, for checks that must not share code with the checked program.
 *
 * @throws FactoryError `no-python` if `npm test` has not prepared it
 */
export function independentPython(): string {
  const python = join(repositoryRoot(), '.cache', 'python', 'bin', 'python');
  if (existsSync(python)) return python;
  throw new FactoryError('no-python', `${python} does not exist: npm test creates it`, false);
}
