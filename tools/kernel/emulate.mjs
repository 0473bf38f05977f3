import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleEntry } from '../packing/bundle-entry.mjs';
import { mustRun, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { arm64 } from './arm64.mjs';
import { buildKernel } from './build.mjs';
import { compilerEnvironment, findCompiler } from './compiler.mjs';
import { isFresh } from './sanitize.mjs';
import { OPTIMISATION, TARGETS, WARNINGS } from './targets.mjs';

const HELP = `node tools/kernel/emulate.mjs specs | shapes SEED SHAPES

Runs the kernel's build for 64-bit ARM, in QEMU where this machine has another processor. What is missing (QEMU, a
Node.js for 64-bit ARM) is installed; needs Linux and zig.

  specs   the kernel's own specs, by the Node.js for 64-bit ARM: the loader must find the build by itself
  shapes  random shapes through every function (c/checks/random_shapes.c), with UndefinedBehaviorSanitizer`;

const SOURCES = join(root, 'libs', 'training-kernel', 'c');

/** The kernel's own specs, bundled, by a Node.js for 64-bit ARM. */
async function runSpecs({ platform, command, node }) {
  await buildKernel({ machine: { platform, arch: 'arm64' } });
  const file = await node();
  const entry = await bundleEntry('tools/kernel/kernel-specs.entry.mjs');
  return runProgram([...command, file, entry]);
}

/** The driver of random shapes as a program of its own. */
async function runShapes({ platform, command }, seed, count) {
  const program = join(root, '.cache', 'emulated-kernel', 'random-shapes');
  if (!isFresh(program, import.meta.url)) await compileShapes(platform, program);
  return runProgram([...command, program, seed, count]);
}

async function compileShapes(platform, program) {
  const compiler = await findCompiler();
  if (!compiler.crosses && process.arch !== 'arm64')
    throw new Error(`${compiler.name} compiles for this machine only: install zig`);
  mkdirSync(dirname(program), { recursive: true });
  const fresh = `${program}.${process.pid}`;
  await mustRun(
    compiler.file,
    [
      ...compiler.args,
      ...compiler.machine(TARGETS.find((target) => target.platform === platform && target.arch === 'arm64')),
      ...OPTIMISATION,
      ...WARNINGS,
      // A trap needs no library of the sanitizer, which would take longer to compile than all the rest.
      '-fsanitize=undefined',
      '-fsanitize-trap=undefined',
      join(SOURCES, 'checks', 'random_shapes.c'),
      join(SOURCES, 'training_kernel.c'),
      '-lm',
      '-o',
      fresh,
    ],
    { quiet: true, env: compilerEnvironment },
  );
  // A process that runs the old one keeps it.
  renameSync(fresh, program);
}

const runProgram = ([file, ...args]) => run(file, args, { cwd: root });

async function main([what, seed = '1', count = '100']) {
  if (what === '--help') return console.log(HELP);
  if (what !== 'specs' && what !== 'shapes') throw new Error(HELP);
  const machine = await arm64();
  console.error(`running ${what} on 64-bit ARM ${machine.how}`);
  const { code } = await (what === 'specs' ? runSpecs(machine) : runShapes(machine, seed, count));
  process.exitCode = code;
}

await main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
