import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, programOnPath, run } from '../workspace/command.mjs';
import { installDebian } from '../install/debian.mjs';
import { root } from '../workspace/root.mjs';
import { SOURCES, isFresh } from './sources.mjs';
import { OPTIMISATION } from './targets.mjs';

const OUT = join(root, '.cache', 'sanitized-kernel');

/** Instruction sets by the required level of x86-64; other processors have one build. */
const BUILDS = [
  { arch: 'x64', name: 'sse', options: ['-march=x86-64-v2'], level: 2 },
  { arch: 'x64', name: 'avx2', options: ['-march=x86-64-v3'], level: 3 },
  { arch: 'x64', name: 'avx512', options: ['-march=x86-64-v4'], level: 4 },
  { arch: 'arm64', name: 'neon', options: [], level: 0 },
];

/** A compiler with sanitizers: zig has none. */
async function compiler() {
  for (const name of ['gcc', 'clang']) {
    const file = programOnPath(name);
    if (file && (await links(file))) return file;
  }
  await installDebian(['gcc', 'libc6-dev'], 'Install gcc with its sanitizers.');
  const gcc = programOnPath('gcc');
  if (!gcc) throw new Error('gcc is not on the PATH after its installation.');
  return gcc;
}

/** @param {string} file */
async function links(file) {
  mkdirSync(OUT, { recursive: true });
  const args = ['-fsanitize=address,undefined', '-x', 'c', '-', '-o', join(OUT, 'probe')];
  return (await run(file, args, { quiet: true, input: 'int main(void) { return 0; }\n' })).code === 0;
}

/**
 * @param {string} cc
 * @returns {Promise<number>} x86-64 level of this machine
 */
async function cpuLevel(cc) {
  const program = join(OUT, 'print-cpu-level');
  await mustRun(cc, [join(SOURCES, 'checks', 'print_cpu_level.c'), '-o', program], { quiet: true });
  return Number(await mustRun(program, [], { quiet: true }));
}

/**
 * Builds the kernel's driver with AddressSanitizer and UndefinedBehaviorSanitizer.
 *
 * @returns {Promise<readonly {name: string, program: string}[]>} one per instruction set of this machine
 */
export async function buildSanitized() {
  const cc = await compiler();
  const level = await cpuLevel(cc);
  const builds = BUILDS.filter((build) => build.arch === process.arch && build.level <= level);
  for (const { name, options } of builds) {
    if (isFresh(join(OUT, name), import.meta.url)) continue;
    await mustRun(
      cc,
      [
        '-g',
        ...OPTIMISATION.filter((option) => option !== '-O3'),
        // Compiling with sanitizers takes long: a lower optimisation level finds the same faults.
        '-O1',
        ...options,
        '-std=c11',
        '-fsanitize=address,undefined',
        '-fno-sanitize-recover=all',
        join(SOURCES, 'checks', 'random_shapes.c'),
        join(SOURCES, 'training_kernel.c'),
        '-lm',
        '-o',
        join(OUT, name),
      ],
      { quiet: true },
    );
  }
  return builds.map(({ name }) => ({ name, program: join(OUT, name) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seed = '1', shapes = '300', ...beyond] = process.argv.slice(2);
  for (const { name, program } of await buildSanitized()) {
    const { code, output } = await run(program, [seed, shapes, ...beyond], { quiet: true });
    console.log(`${name}: ${output.trim()}`);
    if (code !== 0) process.exitCode = 1;
  }
}
