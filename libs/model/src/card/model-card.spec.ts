import { sigmoid } from '@factory/domain';
import { reliabilityBins } from '@factory/metrics';
import { encodeBundle, readBundleCard, type BundleFile } from '../bundle';
import { modelParts, uniforms } from '../spec-model';
import type { Report } from '../report';
import { calibrationPicture } from './calibration-picture';
import { importancePicture } from './importance-picture';
import { markdownText } from './markdown-text';
import { PICTURES, cardPictures, modelCard } from './model-card';

const parts = modelParts();
const HOSTILE = 'a|b<script>alert(1)</script>\n# `x` ![y](z) "&';

/** 2,000 visits with true scores. */
const random = uniforms(5);
const scores = Float64Array.from({ length: 2_000 }, () => sigmoid(-2 + 2 * random()));
const labels = Uint8Array.from(scores, (score) => Number((random() + 1) / 2 < score));
const reliability = reliabilityBins(scores, labels, new Float64Array(2_000).fill(1));

const interval = { estimate: -0.0123, lower95: -0.02, upper95: -0.004, lower99: -0.03, upper99: -0.001 };
const judging = {
  ...parts.report.metrics.judging!,
  reliability,
  intervals: { logLoss: { ...interval, lower95: 0.30001, upper95: 0.39999 } },
};
const report: Report = {
  ...parts.report,
  metrics: { ...parts.report.metrics, judging },
  baselines: {
    baseRate: { logLoss: 0.35, difference: interval },
    logistic: { metrics: judging, difference: { ...interval, estimate: -0.0456 } },
  },
  importance: {
    rows: 2_000,
    columns: Array.from({ length: 17 }, (_, at) => ({
      column: at === 1 ? HOSTILE : `column ${at}`,
      increase: 0.01 / (at + 1) - 0.001,
    })),
  },
  verdict: { ...parts.report.verdict, words: 'Promoted: it is the first.', alerts: ['Look at it.'] },
};

const card = modelCard({
  ...parts,
  report,
  lineage: { ...parts.lineage, about: { purpose: 'Choose who sees the banner', value: HOSTILE } },
});

describe('a model card', () => {
  it('has a section for everything that is known', () => {
    expect(card.match(/^## .*/gm)).toEqual([
      '## What it is for',
      '## What it was trained on',
      '## How it does',
      '## Are its scores true?',
      '## Which columns count',
      '## When not to use it',
      '## How to go back',
    ]);
  });

  it('repeats what people declared and says nothing where they said nothing', () => {
    expect(card).toContain('- **Purpose:** Choose who sees the banner');
    expect(card).not.toContain('**Users:**');
    expect(modelCard({ ...parts, report })).not.toContain('## What it is for');
  });

  it('reads as the report says', () => {
    expect(card).toContain('0.30001 to 0.39999');
    expect(card).toContain(
      '- Log-loss minus that of logistic regression: -0.04560 (95 % interval -0.02000 to -0.00400).',
    );
    expect(card).toContain('Verdict: promote. Promoted: it is the first.');
    expect(card).toContain('- Warning: Look at it.');
    for (const { goals, observed } of reliability)
      expect(card).toMatch(new RegExp(`\\| ${goals} \\| [0-9.]+ % \\| ${(100 * observed).toFixed(3)} % \\|`));
    expect(card).toContain('| column 0 | 0.00900 |');
    expect(card).toContain('2 more columns count less.');
  });

  it('has a section for a repair, and says what was looked at where none was needed', () => {
    const seen = { estimate: 1.3, lower95: 1.2, upper95: 1.4, lower99: 1.1, upper99: 1.5 };
    const figures = { calibrationRatio: 1.3, calibrationSlope: 1, logLoss: 0.3 };
    const repair = {
      looked: { rows: 900, goals: 90, ratio: seen, slope: seen },
      ...{ fitted: { slope: 1, bias: -0.3 }, reason: 'repaired', words: 'Half a said so.' },
      ...{ before: figures, after: figures },
    };
    const baseRateChange = { window: 0.02, outOfTime: 0.016, ratio: 0.8 };
    const of = (changes: Partial<Report>) => modelCard({ ...parts, report: { ...report, ...changes } });
    const changed = of({ repair, baseRateChange });
    expect(changed).toContain(
      '## How its probabilities were repaired\n\nHalf a said so.\n\nThe repair was fitted',
    );
    expect(changed).toContain(
      'In the training window 2.000 % of all visits reached the goal, on the days after it 1.600 %: 0.800 times as many.',
    );
    const left = of({ repair: { ...repair, fitted: null, after: null, words: 'Nothing was off.' } });
    expect(left).not.toContain('repaired');
    expect(left).toContain('Nothing was off.');
  });

  it('is not changed in its form by foreign names', () => {
    expect(card).not.toContain('<script');
    expect(card).not.toContain('![y]');
    const rows = card.split('\n').filter((one) => one.startsWith('| ') && one.includes('script'));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.match(/\|/g)).toHaveLength(3);
  });

  it.each([
    ['page_views', 'page_views'],
    ['__init__', '&#95;&#95;init&#95;&#95;'],
    ['*a* \\_b_ ~~c~~', '&#42;a&#42; &#92;&#95;b&#95; &#126;&#126;c&#126;&#126;'],
    ['[a](b) `c` ![d](e)', '&#91;a&#93;(b) &#96;c&#96; &#33;&#91;d&#93;(e)'],
    ['a&amp;<b>\u2028"c"', 'a&amp;amp;&lt;b&gt; &quot;c&quot;'],
  ])('shows the name %j as text', (name, text) => {
    expect(markdownText(name)).toBe(text);
  });

  it('has its pictures beside it', () => {
    const pictures = cardPictures(report);
    const shown = [...card.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)].map(([, file]) => file);
    expect([...pictures.keys()]).toEqual(shown);
    const files = encodeBundle({ ...parts, report });
    for (const picture of PICTURES) expect(String(files.get(picture))).toBe(pictures.get(picture));
    expect([...files.keys()].indexOf('importance.svg')).toBeLessThan([...files.keys()].indexOf('card.md'));
    expect(cardPictures(parts.report).size).toBe(0);
  });

  it('is read with its pictures, checked against their hashes, from bundles without any too', async () => {
    const files = encodeBundle({ ...parts, report });
    const read = (file: BundleFile) => Promise.resolve(files.get(file)!);
    const found = await readBundleCard(read);
    expect(found.card).toBe(String(files.get('card.md')));
    expect(found.pictures).toEqual(Object.fromEntries(cardPictures(report)));
    const changed = (file: BundleFile) =>
      file === 'calibration.svg' ? Promise.resolve(Buffer.from('<svg/>')) : read(file);
    await expect(readBundleCard(changed)).rejects.toMatchObject({ code: 'sha256-mismatch' });
    const without = encodeBundle(parts);
    expect((await readBundleCard((file) => Promise.resolve(without.get(file)!))).pictures).toEqual({});
    expect(modelCard(parts)).not.toContain('![');
  });
});

describe('a picture', () => {
  const pictures = [calibrationPicture(reliability), importancePicture(report.importance!.columns)];

  it.each(pictures)('is well-formed and needs nothing else', (picture) => {
    const open: string[] = [];
    for (const [, close, name = '', rest = ''] of picture.matchAll(/<(\/?)([a-z]+)([^<>]*)>/g))
      if (close) expect(open.pop()).toBe(name);
      else if (!rest.endsWith('/')) open.push(name);
    expect(open).toEqual([]);
    expect(picture.match(/</g)).toHaveLength(picture.match(/>/g)!.length);
    expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|href|script>/);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('shows each bin where it is', () => {
    const [one] = reliability;
    const at = calibrationPicture([{ ...one!, predicted: 0.05, observed: 0.1, lower95: 0.06, upper95: 0.1 }]);
    // The axes reach to 10 %: half way to the right, at the top.
    expect(at).toContain('<circle cx="255" cy="30" r="4"');
    expect(pictures[0]!.match(/<circle/g)).toHaveLength(reliability.length);
  });

  it('shows the most important column with the longest bar', () => {
    const widths = [...pictures[1]!.matchAll(/<rect x="[^"]*" y="[^"]*" width="([^"]*)" height="14"/g)];
    expect(widths.map(([, width]) => Number(width))[0]).toBe(
      Math.max(...widths.map(([, width]) => Number(width))),
    );
    expect(widths).toHaveLength(17);
  });
});
