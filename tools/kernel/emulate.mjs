import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleEntry } from '../packing/bundle-entry.mjs';
import { mustRun, run } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { arm64 } from './arm64.mjs';
import { buildKernel } from './build.mjs';
import { compilerEnvironment, findCompiler } from './compiler.mjs';
import { SOURCES, isFresh } from './sources.mjs';
import { OPTIMISATION, TARGETS, WARNINGS } from './targets.mjs';

const HELP = `node tools/kernel/emulate.mjs specs | shapes SEED SHAPES

Runs the kernel's build for 64-bit ARM, in QEMU if this machine has another processor. What is missing (QEMU, a
Node.js for 64-bit ARM) is installed; needs Linux and zig.

  specs   the kernel's own specs, with the Node.js for 64-bit ARM: the loader must find the build by itself
  shapes  random shapes through every function (c/checks/random_shapes.c), with UndefinedBehaviorSanitizer`;

/** @typedef {import('./arm64.mjs').Arm64} Arm64 */

/**
 * Runs the kernel's own specs, bundled, with a Node.js for 64-bit ARM.
 *
 * @param {Arm64} machine
 */
async function runSpecs({ platform, command, node }) {
  await buildKernel({ machine: { platform, arch: 'arm64' } });
  const file = await node();
  const entry = await bundleEntry('tools/kernel/kernel-specs.entry.mjs');
  return runProgram(command, file, [entry]);
}

/**
 * Builds the driver of random shapes as a separate program.
 *
 * @param {Arm64} machine
 * @param {string} seed
 * @param {string} count
 */
async function runShapes({ platform, command }, seed, count) {
  const program = join(root, '.cache', 'emulated-kernel', 'random-shapes');
  if (!isFresh(program, import.meta.url)) await compileShapes(platform, program);
  return runProgram(command, program, [seed, count]);
}

/**
 * @param {NodeJS.Platform} platform
 * @param {string} program path
 */
async function compileShapes(platform, program) {
  const target = TARGETS.find((one) => one.platform === platform && one.arch === 'arm64');
  if (!target) throw new Error(`the kernel is not built for 64-bit ARM on ${platform}`);
  const compiler = await findCompiler();
  if (!compiler.crosses && process.arch !== 'arm64')
    throw new Error(`${compiler.name} compiles for this machine only: install zig`);
  mkdirSync(dirname(program), { recursive: true });
  const fresh = `${program}.${process.pid}`;
  await mustRun(
    compiler.file,
    [
      ...compiler.args,
      ...compiler.machine(target),
      ...OPTIMISATION,
      ...WARNINGS,
      // Traps need no sanitizer library, which would take longer to compile than everything else.
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
  // A process that runs the old file keeps it.
  renameSync(fresh, program);
}

/**
 * @param {readonly string[]} command to put before the program
 * @param {string} program
 * @param {readonly string[]} args
 */
function runProgram(command, program, args) {
  const [file = program, ...rest] = [...command, program, ...args];
  return run(file, rest, { cwd: root });
}

/** @param {readonly string[]} args */
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
