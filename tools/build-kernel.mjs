import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './install/ensure-packages.mjs';
import { root } from './workspace/root.mjs';

const HELP = `npm run build:kernel [-- options]

Compiles the training kernel (libs/training-kernel/c) for this machine into dist/training-kernel. The compiler is
the PyPI wheel ziglang, installed into .cache when it is needed; else a clang on the PATH. Without either the
factory trains with the WebAssembly build.

  --all    for every machine: Linux and macOS, x86-64 (v2, v3, v4) and aarch64; needs zig
  --wasm   also writes libs/training-kernel/wasm, which is part of the sources; needs zig
  --check  compiles the WebAssembly build and compares it with the committed one
  --help   this text`;

const flag = /** @type {const} */ ({ type: 'boolean', default: false });
const { values } = parseArgs({ options: { all: flag, wasm: flag, check: flag, help: flag } });

async function main() {
  if (values.help) return console.log(HELP);
  await ensurePackages();
  const { buildKernel, wasmFaults, writeWasm } = await import('./kernel/build.mjs');
  if (values.check) {
    const faults = await wasmFaults();
    for (const fault of faults) console.error(fault);
    process.exitCode = faults.length > 0 ? 1 : 0;
    return;
  }
  const files = [...(await buildKernel({ every: values.all })), ...(values.wasm ? [await writeWasm()] : [])];
  for (const file of files) console.log(relative(root, file));
}

await main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
