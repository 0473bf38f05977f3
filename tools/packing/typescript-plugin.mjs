import { transform } from '@swc/core';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/**
 * Compiles TypeScript with swc: esbuild drops the decorator metadata that Nest needs. `@factory/<lib>` is resolved by
 * tsconfig.base.json; an unknown lib is refused.
 *
 * @param {string} top the workspace's root
 * @returns {import('esbuild').Plugin}
 */
export function typescriptPlugin(top) {
  /** @type {import('@swc/core').Options} */
  const swc = readJson(join(top, '.swcrc'));
  /** @type {{compilerOptions: {paths: Record<string, readonly string[]>}}} */
  const { compilerOptions } = readJson(join(top, 'tsconfig.base.json'));
  const libs = new Map(Object.entries(compilerOptions.paths));
  return {
    name: 'typescript',
    setup({ onResolve, onLoad, resolve: lookUp }) {
      // No source has side effects when it is loaded: a worker that needs one function of a lib gets no S3 client with it.
      onResolve({ filter: /^@factory\// }, ({ path }) => {
        const source = libs.get(path)?.[0];
        return source === undefined
          ? { errors: [{ text: `${path}: no such lib` }] }
          : { path: resolve(top, source), sideEffects: false };
      });
      onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
        if (pluginData === 'asked' || !importer.endsWith('.ts') || importer.includes('node_modules')) return;
        const found = await lookUp(path, { importer, resolveDir, kind, pluginData: 'asked' });
        return { ...found, sideEffects: false };
      });
      onLoad({ filter: /\.ts$/ }, async ({ path: filename }) => {
        const { code } = await transform(await readFile(filename, 'utf8'), {
          ...swc,
          swcrc: false,
          filename,
          module: { type: 'es6' },
          sourceMaps: 'inline',
        });
        return { contents: code, loader: 'js' };
      });
    },
  };
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
