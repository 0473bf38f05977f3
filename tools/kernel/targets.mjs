/**
 * A machine that the kernel is built for.
 *
 * @typedef {object} Target
 * @property {string} file in dist/training-kernel, where `load-kernel.ts` looks for it
 * @property {string} zigTarget
 * @property {string} zigCpu
 * @property {readonly string[]} clangMachine
 * @property {NodeJS.Platform} platform
 * @property {NodeJS.Architecture} arch
 */

/**
 * One build per x86-64 level.
 *
 * @param {NodeJS.Platform} platform
 * @param {string} zigTarget
 * @returns {readonly Target[]}
 */
const x86 = (platform, zigTarget) =>
  [2, 3, 4].map((level) => ({
    file: `kernel-x86-64-v${level}-${platform}.node`,
    zigTarget,
    zigCpu: `x86_64_v${level}`,
    clangMachine: [`-march=x86-64-v${level}`],
    platform,
    arch: 'x64',
  }));

/**
 * @param {NodeJS.Platform} platform
 * @param {string} zigTarget
 * @param {string} zigCpu
 * @returns {Target}
 */
const arm = (platform, zigTarget, zigCpu) => ({
  file: `kernel-aarch64-${platform}.node`,
  zigTarget,
  zigCpu,
  clangMachine: [],
  platform,
  arch: 'arm64',
});

/** @type {readonly Target[]} The glibc named is the oldest that a build runs with. */
export const TARGETS = [
  ...x86('linux', 'x86_64-linux-gnu.2.17'),
  arm('linux', 'aarch64-linux-gnu.2.17', 'generic'),
  ...x86('darwin', 'x86_64-macos.12.0'),
  arm('darwin', 'aarch64-macos.12.0', 'apple_m1'),
];

/**
 * Optimisations that change no checked result: sums may be reordered. NaN and infinity are preserved, so that a
 * diverged network can be detected.
 */
export const OPTIMISATION = [
  '-O3',
  '-fno-math-errno',
  '-fno-trapping-math',
  '-fassociative-math',
  '-freciprocal-math',
  '-fno-signed-zeros',
];

export const WARNINGS = ['-std=c11', '-Wall', '-Wextra', '-Werror'];

/** Functions of the WebAssembly module; see training_kernel.h. */
export const WASM_EXPORTS = [
  'tk_spec_fault',
  'tk_network_bytes',
  'tk_init',
  'tk_layout',
  'tk_train',
  'tk_gradients',
  'tk_evaluate',
  'tk_predict',
  'tk_is_finite',
  '__heap_base',
];
