import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL_SHOP_SOURCES } from '../fixtures/small-shop';
import { ConnectionsFile } from './connections-file';
import { readTextFile } from './read-text-file';
import { SourcesFile } from './sources-file';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-text-'));
  path = join(folder, 'file.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const kinds: [string, (path: string) => void, RegExp][] = [
  ['an endless device', (at) => symlinkSync('/dev/zero', at), /not a regular file/],
  ['a device without content', (at) => symlinkSync('/dev/null', at), /not a regular file/],
  ['a link to a link to a device', twiceLinked, /not a regular file/],
  ['a pipe that nobody writes to', (at) => void execFileSync('mkfifo', [at]), /not a regular file/],
  ['a link to itself', (at) => symlinkSync(at, at), /ELOOP|too many/i],
  ['a link to nothing', (at) => symlinkSync(`${at}.none`, at), /ENOENT/],
  ['more than ten megabytes', (at) => sized(at, 10_000_001), /more than 10000000 bytes/],
  ['a terabyte', (at) => sized(at, 1e12), /more than 10000000 bytes/],
];

function twiceLinked(at: string): void {
  symlinkSync('/dev/zero', `${at}.1`);
  symlinkSync(`${at}.1`, at);
}
/** Takes no space on the disk. */
function sized(at: string, bytes: number): void {
  writeFileSync(at, '');
  truncateSync(at, bytes);
}

describe('a path that is not a readable file', () => {
  it.each(kinds)('is refused: %s', (_what, make, says) => {
    make(path);
    expect(() => readTextFile(path)).toThrow(says);
  });

  it.each(kinds)(
    'instead of sources.yaml is a fault, and the previous content stays in use: %s',
    (_what, make, says) => {
      writeFileSync(path, SMALL_SHOP_SOURCES);
      const file = SourcesFile.watch(path);
      rmSync(path);
      make(path);
      expect([...file.all().keys()]).toEqual(['main']);
      expect(file.state.fault).toMatchObject({
        code: 'no-sources-file',
        message: expect.stringMatching(says),
      });
    },
  );

  it.each(kinds)(
    'instead of connections is a fault, and the previous content stays in use: %s',
    (_what, make, says) => {
      writeFileSync(path, 'SHOP: mysql://a:b@c/d\n');
      const file = new ConnectionsFile(path);
      expect(file.get('SHOP')).toBe('mysql://a:b@c/d');
      rmSync(path);
      make(path);
      expect(file.get('SHOP')).toBe('mysql://a:b@c/d');
      expect(file.state.fault).toMatchObject({
        code: 'no-connections-file',
        message: expect.stringMatching(says),
      });
    },
  );

  it.each(kinds)('in a folder of connections is a fault: %s', (_what, make, says) => {
    mkdirSync(path);
    make(join(path, 'SHOP'));
    const file = new ConnectionsFile(path);
    file.refresh();
    expect(file.state.fault?.message).toMatch(says);
  });

  it('may be a folder of more than ten megabytes in total', () => {
    mkdirSync(path);
    for (const name of ['A', 'B', 'C']) sized(join(path, name), 4_000_000);
    const file = new ConnectionsFile(path);
    file.refresh();
    expect(file.state.fault?.message).toMatch(/more than \d+ bytes/);
  });
});

describe('readTextFile', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 10_000_000])(
    'reads a file of %i bytes, also behind a link',
    (bytes) => {
      writeFileSync(`${path}.1`, 'x'.repeat(bytes));
      symlinkSync(`${path}.1`, path);
      expect(readTextFile(path).length).toBe(bytes);
    },
  );

  it('reads a file of unknown size', () => {
    expect(readTextFile('/proc/self/status')).toContain('Pid:');
  });
});
