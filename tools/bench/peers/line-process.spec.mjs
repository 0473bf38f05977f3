import { fileURLToPath } from 'node:url';
import { LineProcess } from './line-process.mjs';

const SERVER = fileURLToPath(new URL('./serve-lines.mjs', import.meta.url));
const PROGRAM = `
  import(${JSON.stringify(SERVER)}).then(({ serveLines }) => serveLines({
    double: ({ number }) => { console.log('a library prints'); return 2 * number; },
    fail: () => { throw new Error('not today'); },
    end: () => { console.error('out of memory'); process.exit(3); },
  }));`;

describe('a process that answers questions', () => {
  /** @type {LineProcess} */
  let asked;
  beforeEach(() => (asked = new LineProcess(process.execPath, ['-e', PROGRAM])));
  afterEach(() => asked.close());

  it('answers one after the other, even if its libraries print', async () => {
    expect(await asked.ask({ do: 'double', number: 21 })).toBe(42);
    expect(await asked.ask({ do: 'double', number: 4 })).toBe(8);
    expect(asked.pid).toBeGreaterThan(0);
  });

  it('continues after a failed question', async () => {
    await expect(asked.ask({ do: 'fail' })).rejects.toThrow(/Error: not today/);
    await expect(asked.ask({ do: 'fly' })).rejects.toThrow(/there is no answer to fly/);
    expect(await asked.ask({ do: 'double', number: 1 })).toBe(2);
  });

  it('reports how it ended, with the end of its output', async () => {
    await expect(asked.ask({ do: 'end' })).rejects.toThrow(/ended with 3:\nout of memory/);
  });
});
