import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../workspace/root.mjs';
import { bundle } from './bundle.mjs';

/** @type {string} */
let top;

/**
 * Writes files of a small workspace.
 *
 * @param {Record<string, string>} files by path
 */
function write(files) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
}

/** Output of the bundled app when Node starts it without installed packages. */
function start(file = 'main.cjs') {
  const elsewhere = mkdtempSync(join(tmpdir(), 'packed-'));
  cpSync(join(top, 'dist', 'apps', 'tiny'), elsewhere, { recursive: true });
  const { stdout, stderr } = spawnSync(process.execPath, [join(elsewhere, file)], { encoding: 'utf8' });
  rmSync(elsewhere, { recursive: true });
  return stdout.trim() || stderr;
}

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'bundle-'));
  symlinkSync(join(root, 'node_modules'), join(top, 'node_modules'));
  cpSync(join(root, '.swcrc'), join(top, '.swcrc'));
  const paths = { '@factory/greeting': ['./libs/greeting/src/index.ts'] };
  write({
    'tsconfig.base.json': JSON.stringify({ compilerOptions: { paths } }),
    'libs/greeting/src/index.ts': "export { greet } from './greet';\n",
    'libs/greeting/src/greet.ts': 'export const greet = (name: string): string => `hello ${name}`;\n',
  });
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

describe('a bundled app', () => {
  it('starts with Node alone, including its libs', async () => {
    write({
      'apps/tiny/src/main.ts': "import { greet } from '@factory/greeting';\nconsole.log(greet('Nest'));\n",
    });
    await bundle('tiny', { top });
    expect(start()).toBe('hello Nest');
    expect(existsSync(join(top, 'dist/apps/tiny/main.cjs.map'))).toBe(true);
  });

  it('keeps the decorator metadata that Nest needs for injection', async () => {
    write({
      'apps/tiny/src/main.ts': `
import 'reflect-metadata';
class Ledger {}
const injectable = (_: object): void => undefined;
@injectable
class Service {
  constructor(readonly ledger: Ledger) {}
}
const [type] = Reflect.getMetadata('design:paramtypes', Service) as { name: string }[];
console.log(type?.name);
`,
    });
    await bundle('tiny', { top });
    expect(start()).toBe('Ledger');
  });

  it('has its workers next to it', async () => {
    write({
      'apps/tiny/src/main.ts': "console.log('main');\n",
      'apps/tiny/src/threads/trial.worker.ts': "console.log('worker');\n",
    });
    await bundle('tiny', { top });
    expect(start('trial.worker.cjs')).toBe('worker');
  });

  it('has the files of the training kernel next to it, whether it was compiled or not', async () => {
    write({
      'apps/tiny/src/main.ts':
        "import { kernel } from '../../../libs/training-kernel/src/index';\nconsole.log(kernel);\n",
      'libs/training-kernel/src/index.ts': 'export const kernel = 1;\n',
      'libs/training-kernel/wasm/kernel.wasm': 'module',
      'libs/training-kernel/wasm/kernel.wasm.sha256': 'hash',
    });
    await bundle('tiny', { top });
    const out = join(top, 'dist', 'apps', 'tiny');
    expect(readFileSync(join(out, 'kernel.wasm'), 'utf8')).toBe('module');
    expect(existsSync(join(out, 'kernel.wasm.sha256'))).toBe(false);

    write({ 'dist/training-kernel/kernel-x86.node': 'native' });
    await bundle('tiny', { top });
    expect(readFileSync(join(out, 'kernel-x86.node'), 'utf8')).toBe('native');
  });

  it('has none of them if it does not train', async () => {
    write({
      'apps/tiny/src/main.ts': "console.log('main');\n",
      'libs/training-kernel/wasm/kernel.wasm': 'module',
    });
    await bundle('tiny', { top });
    expect(existsSync(join(top, 'dist/apps/tiny/kernel.wasm'))).toBe(false);
  });
});

describe('an app that cannot be bundled', () => {
  it('is refused if it imports a lib that does not exist, and the previous bundle is kept', async () => {
    write({ 'apps/tiny/src/main.ts': "console.log('before');\n" });
    await bundle('tiny', { top });
    write({ 'apps/tiny/src/main.ts': "import { x } from '@factory/nothing';\nconsole.log(x);\n" });
    await expect(bundle('tiny', { top })).rejects.toThrow('@factory/nothing: no such lib');
    expect(start()).toBe('before');
  });

  it('is refused if two of its workers have the same name', async () => {
    write({
      'apps/tiny/src/main.ts': "console.log('main');\n",
      'apps/tiny/src/one/trial.worker.ts': '',
      'apps/tiny/src/two/trial.worker.ts': '',
    });
    await expect(bundle('tiny', { top })).rejects.toThrow(
      'another worker is named trial.worker; rename one.',
    );
  });
});
