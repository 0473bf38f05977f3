import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayHaveGpu } from './native-packages';

describe('the check for a GPU', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'factory-native-'));
    const name = join(folder, 'node_modules/@tensorflow/tfjs-node-gpu');
    mkdirSync(name, { recursive: true });
    writeFileSync(join(name, 'index.js'), 'throw new Error("loaded");');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const device = __filename;
  const noDevice = join(__dirname, 'no-such-device');

  it('finds one if its device and a native package exist, without loading it', () => {
    expect(mayHaveGpu(folder, [noDevice, device])).toBe(true);
  });

  it('finds none without a device', () => {
    expect(mayHaveGpu(folder, [noDevice])).toBe(false);
  });

  it('finds none without a native package', () => {
    expect(mayHaveGpu(__dirname, [device])).toBe(false);
  });
});
