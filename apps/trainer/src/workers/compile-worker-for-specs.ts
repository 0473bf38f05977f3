import { buildSync } from 'esbuild';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../..');

/** Compiles `trial.worker.ts` as bundles do, for specs, which run from source. @returns the file for a Worker */
export function compileTrialWorker(): string {
  const file = join(ROOT, 'node_modules/.cache/factory-specs', `trial.worker.${process.pid}.cjs`);
  buildSync({
    entryPoints: [join(__dirname, 'trial.worker.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@tensorflow/*'],
    tsconfig: join(ROOT, 'tsconfig.base.json'),
    // The kernel's files lie where its sources are.
    define: { __dirname: JSON.stringify(join(ROOT, 'libs/training-kernel/src')) },
    logLevel: 'error',
  });
  return file;
}
