import { buildSync } from 'esbuild';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/**
 * Compiles the code of a worker thread or child process like a bundle, for specs, which run from source.
 *
 * @param external packages that are not bundled; by default tfjs, which takes seconds
 * @returns path of the file; the spec removes it
 */
export function compileForSpecs(source: string, external: string[] = ['@tensorflow/*']): string {
  const name = `${basename(source, '.ts')}.${process.pid}.cjs`;
  const file = join(ROOT, 'node_modules/.cache/factory-specs', name);
  buildSync({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external,
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    // The kernel's files are next to its sources.
    define: { __dirname: JSON.stringify(join(ROOT, 'libs/training-kernel/src')) },
    logLevel: 'error',
  });
  return file;
}
