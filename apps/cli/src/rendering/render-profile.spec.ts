import type { ShownProfile } from '@factory/fleet';
import type { Profile } from '@factory/model';
import { markup } from './html';
import { Output } from './output';
import { profilePage } from './profile-page';
import { renderProfile, shortNumber } from './render-profile';

const HOSTILE = '<script>alert(1)</script>\u001b[31m';
const bins = {
  byWeekday: Array.from({ length: 7 }, () => null),
  noise: { visitors: [], visitorsDf: 0, days: [], daysDf: 0, daysEstimateDf: 0 },
};
const common = { knownOfGoals: 1, knownOfOthers: 1 };
const hour = {
  ...{ kind: 'category' as const, name: 'visit_time', ...common, missing: 0, auc: 0.5 },
  levels: [{ level: '09h', rows: 100, share: 1 }],
  rest: { levels: 0, rows: 0, share: 0 },
  bins: { ...bins, levels: ['09h'], shares: [0, 1, 0] },
};
const profile: Profile = {
  ...{ schemaVersion: 1, end: '2024-02-01T00:00:00.000Z', rows: 1000, goals: 100, weight: 9_100 },
  ...{ goalWeight: 100, effectiveRows: 950.4 },
  days: [
    { day: '2024-01-01', rows: 600, goals: 60, weight: 5_460, goalWeight: 60 },
    { day: '2024-01-02', rows: 400, goals: 40, weight: 3_640, goalWeight: 40 },
  ],
  columns: [
    {
      ...{ kind: 'number', name: 'pages', ...common, missing: 0.25, auc: 0.71234, zeros: 0.1 },
      ...{ min: 0, max: 123_456, mean: 4, deviation: 3, medianSize: 3, correlation: -0.2 },
      quantiles: [0, 0, 1, 2, 3, 5, 8, 12_345, 20_000],
      bins: { ...bins, edges: [1, 3.000001], mode: 0, shares: [0.25, 0.1, 0.2, 0.2, 0.25] },
    },
    {
      ...{ kind: 'category', name: `device${HOSTILE}`, ...common, missing: 0, auc: 0.5 },
      levels: [
        { level: 'phone', rows: 900, share: 0.9 },
        { level: HOSTILE, rows: 50, share: 0.05 },
      ],
      rest: { levels: 12, rows: 50, share: 0.05 },
      bins: { ...bins, levels: ['phone', HOSTILE], shares: [0, 0.9, 0.05, 0.05] },
    },
  ],
  hour,
  alike: [['pages', `again${HOSTILE}`]],
};
const shown: ShownProfile = {
  ...{ source: 'main', product: 7, goal: 'sale', run: '3f2a91c0-aaaa', version: null, profile },
  findings: [
    { code: 'leak-auc', severity: 'stop', figure: 0.99, limit: 0.95, words: `pages is ${HOSTILE}.` },
  ],
  skipped: ['columns were not compared with champion v1: its bundle cannot be read'],
  principal: {
    ...{ rows: 1000, columns: 8 },
    components: [
      {
        share: 0.5,
        loadings: ['pages', `again${HOSTILE}`, 'c', 'd', 'e', 'f', 'g', 'h'].map((column, at) => ({
          column,
          loading: (at % 2 ? -1 : 1) * (0.6 - at / 20),
        })),
      },
      { share: 0.25, loadings: [{ column: 'seconds', loading: 1 }] },
    ],
  },
};

describe('a profile in a terminal', () => {
  const silent = { write: () => true };
  const text = renderProfile(shown, new Output(silent, silent));

  it('says what it is of, and how much it is worth', () => {
    expect(text).toMatch(/^model +main\/sale\/7\nrun +3f2a91c0\n/);
    expect(text).toMatch(/rows +1,000, worth 950 independent visits/);
    expect(text).toMatch(/goals +100, 1\.10 % of the visits/);
  });

  it('has one line a column, with its figures', () => {
    expect(text).toMatch(/^pages +number +25\.00 % +10\.00 % +0\.712 +-0\.200 +0, 3, 12,345$/m);
    expect(text).toMatch(/^device.* category +0\.00 % +0\.500 +phone 90 %, .* 5 %, 12 more$/m);
  });

  it('has what was found and what was not looked at', () => {
    expect(text).toContain('stop  leak-auc: pages is');
    expect(text).toContain('columns were not compared with champion v1');
  });

  it('tells the directions in which visits differ most', () => {
    expect(text).toContain(
      'PRINCIPAL COMPONENTS\n2 of 8 directions have 75.0 % of the variance of the 8 columns of numbers',
    );
    expect(text).toMatch(/^1 +50\.0 % +pages 0\.60, again.* -0\.55, c 0\.50, .*, 2 more$/m);
    expect(text).toMatch(/^2 +25\.0 % +seconds 1\.00$/m);
  });

  it('lets no text of a shop move the cursor', () => {
    expect(text).not.toContain('\u001b');
  });
});

describe('the page of a profile', () => {
  const page = profilePage(shown);

  it('is one file that loads nothing and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|src=|href=|@import|url\(/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('\u001b');
  });

  it('has a picture of each column, of the days and of the hours', () => {
    expect(page.match(/<svg\s/g)).toHaveLength(2 + 1 + 2);
    expect(page).toContain('<title>missing: 25.00 %</title>');
    expect(page).toContain('<title>1 to 3: 20.00 %</title>');
    expect(page).toContain('<title>2024-01-02: 3,640</title>');
    // The tallest bar of a picture is as high as the picture: the median day of two has two thirds.
    expect(page).toMatch(/height="48"><title>2024-01-01/);
    expect(page).toMatch(/height="32"><title>2024-01-02/);
  });

  it('has the principal components that were asked for', () => {
    expect(page).toContain('<td class="figure">50.0 %</td>');
    expect(page).toContain('seconds 1.00');
    expect(profilePage({ ...shown, principal: null })).not.toContain('Principal');
  });

  it('is well-formed: each element that is opened is closed', () => {
    const open: string[] = [];
    for (const [, end, name = '', rest = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
      if (['meta', 'br'].includes(name) || rest.endsWith('/')) continue;
      if (end) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });
});

it('escapes whatever is put into a template, in elements and attributes', () => {
  const name = `"><img onerror='x'>&`;
  expect(markup`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;">&quot;&gt;&lt;img onerror=&#39;x&#39;&gt;&amp;</p>',
  );
});

it('shows numbers with as many digits as help', () => {
  expect([0.123456, 12_345.678, 3, 1e21, -0.00001].map(shortNumber)).toEqual([
    '0.1235',
    '12,346',
    '3',
    '1e+21',
    '-0.00001',
  ]);
});
