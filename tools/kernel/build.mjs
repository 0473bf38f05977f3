import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../workspace/command.mjs';
import { root } from '../workspace/root.mjs';
import { compilerEnvironment, findCompiler, zig } from './compiler.mjs';
import { SOURCES } from './sources.mjs';
import { OPTIMISATION, TARGETS, WARNINGS, WASM_EXPORTS } from './targets.mjs';

const NODE_API = join(root, 'node_modules', 'node-api-headers', 'include');
/** Native builds; not part of the sources. */
export const BUILDS = join(root, 'dist', 'training-kernel');
const MARKER = join(BUILDS, 'built.json');
/** The WebAssembly module, committed so that machines without a compiler have a kernel, too. */
export const WASM_FILE = join(root, 'libs', 'training-kernel', 'wasm', 'training-kernel.wasm');
const WASM_HASH_FILE = `${WASM_FILE}.sha256`;

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Hash of all inputs of a build, except the compiler. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of readdirSync(SOURCES).sort()) {
    if (/\.[ch]$/.test(file)) hash.update(file).update(readFileSync(join(SOURCES, file)));
  }
  return hash.update(JSON.stringify([OPTIMISATION, WARNINGS, TARGETS])).digest('hex');
}

/**
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {NodeJS.Architecture} arch
 */

/**
 * @param {Machine} machine
 * @returns {(target: Machine) => boolean}
 */
const isFor = (machine) => (target) => target.platform === machine.platform && target.arch === machine.arch;

/**
 * Compiles the kernel for the given machines, unless builds of the same sources exist.
 *
 * @param {{machine?: Machine, every?: boolean, say?: (line: string) => void}} [options] `machine`: default this one; `every`: for all machines
 * @returns {Promise<readonly string[]>} the files
 * @throws Error without a compiler for them
 */
export async function buildKernel({ machine = process, every = false, say = console.error } = {}) {
  const wanted = TARGETS.filter(every ? () => true : isFor(machine));
  const sources = fingerprint();
  /** @type {{sources?: string, files?: readonly string[]}} */
  const before = existsSync(MARKER) ? JSON.parse(readFileSync(MARKER, 'utf8')) : {};
  const done = before.sources === sources ? (before.files ?? []) : [];
  const missing = wanted.filter(({ file }) => !done.includes(file) || !existsSync(join(BUILDS, file)));
  if (missing.length > 0) {
    const compiler = await findCompiler();
    if (!compiler.crosses && !missing.every(isFor(process)))
      throw new Error(`${compiler.name} compiles for this machine only: install zig`);
    say(`compiling the training kernel with ${compiler.name}: ${missing.map(({ file }) => file).join(', ')}`);
    mkdirSync(BUILDS, { recursive: true });
    for (const target of missing) await compile(compiler, target);
    const files = [...new Set([...done, ...missing.map(({ file }) => file)])];
    writeFileSync(MARKER, `${JSON.stringify({ sources, compiler: compiler.name, files }, null, 2)}\n`);
  }
  return wanted.map(({ file }) => join(BUILDS, file));
}

/**
 * Like `buildKernel`, but a machine without a compiler continues with WebAssembly.
 *
 * @param {(line: string) => void} [say]
 */
export async function ensureKernel(say = console.error) {
  return buildKernel({ say }).catch((error) => {
    say(`training kernel: WebAssembly, because it cannot be compiled here (${error.message.split('\n')[0]})`);
    return [];
  });
}

/**
 * @param {import('./compiler.mjs').Compiler} compiler
 * @param {import('./targets.mjs').Target} target
 */
async function compile(compiler, target) {
  const fresh = join(BUILDS, `${target.file}.${process.pid}`);
  await mustRun(
    compiler.file,
    [
      ...compiler.args,
      ...compiler.machine(target),
      ...OPTIMISATION,
      ...WARNINGS,
      '-shared',
      '-fPIC',
      '-s',
      // Node itself provides the functions of Node-API.
      ...(target.platform === 'darwin' ? ['-Wl,-undefined,dynamic_lookup'] : []),
      `-I${NODE_API}`,
      join(SOURCES, 'training_kernel.c'),
      join(SOURCES, 'node_binding.c'),
      '-o',
      fresh,
    ],
    { quiet: true, env: compilerEnvironment },
  );
  // A process that has loaded the old file keeps it.
  renameSync(fresh, join(BUILDS, target.file));
}

/** @returns {Promise<Buffer>} the WebAssembly module; the pinned zig always produces the same bytes */
async function compileWasm() {
  const compiler = await zig();
  const fresh = join(root, '.cache', `training-kernel.${process.pid}.wasm`);
  try {
    await mustRun(
      compiler.file,
      [
        ...compiler.args,
        '-target',
        'wasm32-freestanding',
        '-mcpu=generic+simd128+bulk_memory',
        ...OPTIMISATION,
        ...WARNINGS,
        '-nostdlib',
        '-s',
        'training_kernel.c',
        '-o',
        fresh,
        '-Wl,--no-entry',
        ...WASM_EXPORTS.map((name) => `-Wl,--export=${name}`),
      ],
      { cwd: SOURCES, quiet: true, env: compilerEnvironment },
    );
    return readFileSync(fresh);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Compiles the module again and stores it in the sources, with its hash. */
export async function writeWasm() {
  const module = await compileWasm();
  writeFileSync(WASM_FILE, module);
  writeFileSync(WASM_HASH_FILE, `${sha256(module)}  training-kernel.wasm\n`);
  return WASM_FILE;
}

/** @returns {Promise<readonly string[]>} faults of the committed module: a wrong hash, or bytes that differ from a build of its sources */
export async function wasmFaults() {
  const committed = sha256(readFileSync(WASM_FILE));
  const noted = readFileSync(WASM_HASH_FILE, 'utf8').split(' ')[0];
  const rebuilt = sha256(await compileWasm());
  return [
    ...(noted === committed ? [] : [`${WASM_HASH_FILE} says ${noted}, the module is ${committed}`]),
    ...(rebuilt === committed
      ? []
      : [
          `${WASM_FILE} differs from a build of its sources (${rebuilt}): run npm run build:kernel -- --wasm`,
        ]),
  ];
}
