import { changedRecords, recordFaults } from './record-rules.mjs';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const CHANGELOG = '# Changelog\n\n## Unreleased\n\n## 0.10.0\n\n## 0.9.0\n';
const RECORDED = [
  { version: '0.9.0', commit: A },
  { version: '0.10.0', commit: B },
];

describe('what releases.json records', () => {
  it('ascends by number, with full hashes and a section of the change log each', () => {
    expect(recordFaults(RECORDED, CHANGELOG)).toEqual([]);
  });

  it.each([
    ['a version twice', [...RECORDED, { version: '0.10.0', commit: B }], /0\.10\.0: comes after 0\.10\.0/],
    ['a version behind a later one', RECORDED.toReversed(), /0\.9\.0: comes after 0\.10\.0/],
    ['a short hash', [{ version: '0.9.0', commit: 'a'.repeat(7) }], /commit aaaaaaa: write all 40 digits/],
    ['the name of a branch', [{ version: '0.9.0', commit: 'main' }], /commit main: write all 40 digits/],
    ['a version that nobody has described', [{ version: '0.8.0', commit: A }], /no section "## 0\.8\.0"/],
  ])('is refused: %s', (_, releases, fault) => {
    expect(recordFaults(releases, CHANGELOG)).toEqual([expect.stringMatching(fault)]);
  });

  it('is refused where a version is no three numbers', () => {
    expect(recordFaults([{ version: '0.9', commit: A }], CHANGELOG)[0]).toMatch(/version 0\.9: write three/);
  });

  it('keeps what was recorded before: no other commit, no release left out', () => {
    expect(changedRecords(RECORDED, RECORDED.slice(0, 1), 'c')).toEqual([]);
    for (const now of [[{ version: '0.9.0', commit: B }], []])
      expect(changedRecords(now, RECORDED.slice(0, 1), 'c')).toEqual([
        expect.stringContaining(`0.9.0: is ${A} as of commit c: put it back`),
      ]);
  });
});
