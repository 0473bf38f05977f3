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

  it('answers one after the other, whatever its libraries print', async () => {
    expect(await asked.ask({ do: 'double', number: 21 })).toBe(42);
    expect(await asked.ask({ do: 'double', number: 4 })).toBe(8);
    expect(asked.pid).toBeGreaterThan(0);
  });

  it('goes on after a question that failed', async () => {
    await expect(asked.ask({ do: 'fail' })).rejects.toThrow(/Error: not today/);
    await expect(asked.ask({ do: 'fly' })).rejects.toThrow(/there is no answer to fly/);
    expect(await asked.ask({ do: 'double', number: 1 })).toBe(2);
  });

  it('that ends says how, with the end of what it wrote', async () => {
    await expect(asked.ask({ do: 'end' })).rejects.toThrow(/ended with 3:\nout of memory/);
  });
});
