import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHANGES, makeNextRelease } from './next-release.mjs';
import { root } from '../workspace/root.mjs';

/** Only the files that change, in their current state. */
function sources() {
  const tree = mkdtempSync(join(tmpdir(), 'next-release-'));
  for (const { file } of CHANGES) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), readFileSync(join(root, file)));
  }
  return tree;
}

describe('the sources of the next release', () => {
  /** @type {string} */
  let tree;

  beforeEach(() => {
    tree = sources();
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  it('differ from the current ones in every listed file', () => {
    makeNextRelease(tree);
    for (const { file } of CHANGES)
      expect(readFileSync(join(tree, file), 'utf8')).not.toBe(readFileSync(join(root, file), 'utf8'));
    const versionsIn = (/** @type {string} */ of) =>
      [
        ...readFileSync(join(of, 'libs/contracts/src/fields.ts'), 'utf8').matchAll(
          /const (?:DATASET_)?MESSAGE_VERSION = (\d+);/g,
        ),
      ].map(([, version]) => Number(version));
    expect(versionsIn(root)).toHaveLength(2);
    expect(versionsIn(tree)).toEqual(versionsIn(root).map((version) => version + 1));
  });

  it('are refused if a change matches no place, or several, naming the file', () => {
    const file = join(tree, 'libs/contracts/src/fields.ts');
    const text = readFileSync(file, 'utf8');
    for (const changed of [text.replaceAll('MESSAGE_VERSION', 'OTHER'), text + text]) {
      writeFileSync(file, changed);
      expect(() => makeNextRelease(tree)).toThrow(
        /^libs\/contracts\/src\/fields\.ts has [02] places like .*: correct tools\/releases\/next-release\.mjs$/,
      );
    }
  });
});
