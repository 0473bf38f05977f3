import { repositoryRoot } from '@factory/testing';
import { execFileSync, spawn } from 'node:child_process';
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
import type { CommandBlock } from './command-blocks';

/** The result of one block. */
export interface BlockRun {
  readonly ended: 'done' | 'failed' | 'not reached';
  /** Stdout and stderr together. */
  readonly output: string;
}

/** Addresses of the servers of the other specs: the documentation starts its own servers. */
const ADDRESSES = /^(NATS_|FACTORY_|S3_|SOURCE_|SOURCES_|VISITOR_HASH_KEY$|CI$)/;
/** What is already installed: the same in every checkout. */
const SHARED = ['node_modules', '.cache'];
const BUILT = ['dist/training-kernel'];
/** Time limit for all blocks together. */
const LIMIT_MS = 900_000;

/** A copy of the checkout in which one shell runs the commands of the documentation, like a reader. */
export class DocumentationShell {
  readonly folder = mkdtempSync(join(tmpdir(), 'factory-docs-'));
  private readonly checkout = join(this.folder, 'checkout');
  /** Process group of the shell and of its background processes. */
  private group: number | undefined;

  constructor() {
    const root = repositoryRoot();
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of [...listed.split('\0').filter(Boolean), ...BUILT]) {
      if (!existsSync(join(root, file))) continue;
      mkdirSync(dirname(join(this.checkout, file)), { recursive: true });
      cpSync(join(root, file), join(this.checkout, file), { recursive: true, preserveTimestamps: true });
    }
    for (const folder of SHARED) symlinkSync(join(root, folder), join(this.checkout, folder));
  }

  /** Runs the blocks one after the other in one shell; the first that fails ends it. */
  async run(blocks: readonly CommandBlock[]): Promise<BlockRun[]> {
    const script = join(this.folder, 'blocks.sh');
    writeFileSync(script, `set -eo pipefail\n${blocks.map((block, at) => this.step(block, at)).join('\n')}`);
    const kept = Object.entries(process.env).filter(([name]) => !ADDRESSES.test(name));
    const python = join(repositoryRoot(), '.cache', 'python', 'bin');
    const child = spawn('bash', [script], {
      cwd: this.checkout,
      env: { ...Object.fromEntries(kept), ...builtAlready(), PATH: `${python}:${process.env['PATH'] ?? ''}` },
      stdio: 'ignore',
      detached: true,
    });
    this.group = child.pid;
    const late = setTimeout(() => this.group !== undefined && killGroup(this.group), LIMIT_MS);
    await new Promise<void>((resolve) => child.once('exit', () => resolve()));
    clearTimeout(late);
    return blocks.map((_, at) => this.runOf(at));
  }

  /** Stops running processes, and removes the copy. */
  close(): void {
    if (this.group !== undefined) killGroup(this.group);
    try {
      execFileSync(process.execPath, ['tools/stack.mjs', 'down'], { cwd: this.checkout, stdio: 'ignore' });
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private step({ page, line, commands }: CommandBlock, at: number): string {
    const log = join(this.folder, `${at}.log`);
    return `exec >'${log}' 2>&1 # ${page}:${line}\n${commands}\ntouch '${join(this.folder, `${at}.done`)}'\n`;
  }

  private runOf(at: number): BlockRun {
    const log = join(this.folder, `${at}.log`);
    if (!existsSync(log)) return { ended: 'not reached', output: '' };
    const ended = existsSync(join(this.folder, `${at}.done`)) ? 'done' : 'failed';
    return { ended, output: readFileSync(log, 'utf8') };
  }
}

/** The apps are already built: `npm run build` finds them in the checkout's own cache, as it does for a reader. */
function builtAlready(): NodeJS.ProcessEnv {
  const nx = join(repositoryRoot(), '.nx');
  return {
    NX_CACHE_DIRECTORY: join(nx, 'cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(nx, 'workspace-data'),
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // All processes have ended.
  }
}
