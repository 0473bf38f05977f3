import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionsFile, parseConnections } from './connections-file';

const MAIN = 'mysql://reader:s3cret@db:3306/shop';

describe('connection strings from a file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'connections-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('are reloaded when it changes; if it is invalid, the previous ones stay in use', () => {
    const path = join(folder, 'connections.yaml');
    const file = new ConnectionsFile(path);
    expect(file.get('SOURCE_MAIN_URL')).toBeUndefined();
    expect(file.state.fault).toMatchObject({ code: 'no-connections-file' });
    writeFileSync(path, `# the shops\nSOURCE_MAIN_URL: ${MAIN}\nSOURCE_B_URL: "mysql://b:x@db/b"\n`);
    expect(file.get('SOURCE_MAIN_URL')).toBe(MAIN);
    expect(file.get('SOURCE_B_URL')).toBe('mysql://b:x@db/b');
    writeFileSync(path, `SOURCE_MAIN_URL: ${MAIN.replace('s3cret', 'rotated')}\n`);
    expect(file.get('SOURCE_MAIN_URL')).toContain('rotated');
    expect(file.get('SOURCE_B_URL')).toBeUndefined();
    writeFileSync(path, 'SOURCE_MAIN_URL: [s3cret');
    expect(file.get('SOURCE_MAIN_URL')).toContain('rotated');
    expect(file.state.fault?.message).not.toContain('s3cret');
  });

  it('may be a folder with one file per name, as Kubernetes mounts a secret', () => {
    const mount = (name: string, password: string): void => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'SOURCE_MAIN_URL'), `${MAIN.replace('s3cret', password)}\n`);
    };
    mount('..1', 'one');
    mount('..2', 'two');
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync(join('..data', 'SOURCE_MAIN_URL'), join(folder, 'SOURCE_MAIN_URL'));
    const file = new ConnectionsFile(folder);
    expect(file.get('SOURCE_MAIN_URL')).toBe(MAIN.replace('s3cret', 'one'));
    symlinkSync('..2', join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    expect(file.get('SOURCE_MAIN_URL')).toBe(MAIN.replace('s3cret', 'two'));
    expect(file.get('..data')).toBeUndefined();
  });

  it.each([
    ['text', 's3cret'],
    ['a list', '- s3cret'],
    ['a number', '5'],
    ['broken YAML', 'A: "s3cret'],
    ['a value that is not text', 'A: {b: s3cret}'],
    ['a number as value', 'A: 17'],
    ['a name that is not valid for a variable', '"a b": s3cret'],
    ['a name with a colon', '"mysql://x:s3cret@h": 1'],
  ])('refuse %s without showing it', (_, text) => {
    expect(() => parseConnections(text)).toThrow(/SOURCE_CONNECTIONS_FILE = "\(hidden\)": /);
    expect(() => parseConnections(text)).not.toThrow(/s3cret/);
  });

  it.each(['', '# nothing yet', '{}'])('may be empty at first: %j', (text) => {
    expect(parseConnections(text).size).toBe(0);
  });

  it('never find inherited properties', () => {
    const path = join(folder, 'connections.yaml');
    writeFileSync(path, `A: ${MAIN}\n`);
    const file = new ConnectionsFile(path);
    for (const name of ['constructor', '__proto__', 'toString']) expect(file.get(name)).toBeUndefined();
  });
});
