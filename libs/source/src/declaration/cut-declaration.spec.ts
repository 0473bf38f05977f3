import { BadInputsError } from '@factory/domain';
import { repositoryRoot } from '@factory/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMALL_SHOP_SOURCES, TIMED_SHOP_SOURCES, onlySource, smallShopSource } from '../fixtures/small-shop';
import { coverageOf, cutOf, featureMomentOf, observeSecondsOf } from './cut-declaration';
import { parseSources } from './sources-file';

const timed = (cut: string, table = ''): string =>
  TIMED_SHOP_SOURCES.replace('    observe: 300\n', cut === '' ? '' : `    ${cut}\n`).replace(
    'time: click_time,',
    `time: click_time,${table}`,
  );
const untimed = (cut: string, table = ''): string =>
  `${SMALL_SHOP_SOURCES}${cut === '' ? '' : `    ${cut}\n`}`.replace(
    'missing: zero',
    `missing: zero${table === '' ? '' : `\n        ${table}`}`,
  );

function refusalsOf(text: string) {
  try {
    parseSources(text);
  } catch (thrown) {
    if (thrown instanceof BadInputsError) return thrown.refusals;
    throw thrown;
  }
  return [];
}

describe('a source declares a cut if it has event times', () => {
  test.each([
    ['a fixed time', timed('observe: 300')],
    ['a second', timed('observe: 1')],
    ['a millisecond', timed('observe: 0.001')],
    ['a month', timed('observe: 2592000')],
    ['a column of visits', timed('cut: read_at')],
    ['a lookback', timed('observe: 300', ' lookback: 3600,')],
    ['no event times and no cut', untimed('')],
    ['an aggregate from before the visit', untimed('', 'covers: before-visit')],
    ['an aggregate of the whole visit', untimed('', 'covers: whole-visit')],
  ])('%s is valid', (_, text) => {
    expect(refusalsOf(text)).toEqual([]);
  });

  test.each([
    [
      'nothing',
      timed(''),
      'observe',
      undefined,
      /such as observe: 300, for the events of click.*name as cut/,
    ],
    ['observe: 0', timed('observe: 0'), 'observe', 0, /more than 0, such as 300/],
    ['a negative time', timed('observe: -5'), 'observe', -5, /more than 0/],
    ['less than the resolution of times', timed('observe: 0.0001'), 'observe', 0.0001, /more than 0/],
    ['infinity', timed('observe: .inf'), 'observe', Infinity, /give seconds/],
    ['no number', timed('observe: .nan'), 'observe', NaN, /give seconds/],
    ['text', timed('observe: 5m'), 'observe', '5m', /give seconds/],
    ['null', timed('observe: null'), 'observe', null, /give seconds/],
    ['a cut that is a number', timed('cut: 5'), 'cut', 5, /name a column/],
    ['an empty cut', timed("cut: ''"), 'cut', '', /name a column/],
    ['both', timed('observe: 5\n    cut: read_at'), 'cut', 'read_at', /either observe or cut/],
    ['observe without event times', untimed('observe: 300'), 'observe', 300, /remove it: no feature table/],
    ['a cut without event times', untimed('cut: read_at'), 'cut', 'read_at', /remove it: no feature table/],
    [
      'event times with visits that have no time',
      timed('observe: 5').replace('time: visit_time }', 'time: visit_time, noTime: true }'),
      'visits.noTime',
      true,
      /events are cut by the time of their visit/,
    ],
    ['lookback 0', timed('observe: 5', ' lookback: 0,'), 'features.1.lookback', 0, /more than 0/],
    ['lookback without events', untimed('', 'lookback: 5'), 'features.0.lookback', 5, /name the time/],
    [
      'covers together with a time',
      timed('observe: 5', ' covers: before-visit,'),
      'features.1.covers',
      'before-visit',
      /remove it: a table with a time/,
    ],
    [
      'covers: visit',
      untimed('', 'covers: visit'),
      'features.0.covers',
      'visit',
      /before-visit or whole-visit/,
    ],
  ])('%s is refused with what to write instead', (_, text, field, value, says) => {
    expect(refusalsOf(text)).toEqual([
      { field: `sources.main.${field}`, value, todo: expect.stringMatching(says) },
    ]);
  });
});

describe('the example in the documentation', () => {
  it('is valid, with events, their cut, and tables of both kinds', () => {
    const page = readFileSync(join(repositoryRoot(), 'docs/how-to/bring-your-mysql.md'), 'utf8');
    const [, text = ''] = /```yaml\n(sources:\n[^`]*)```/.exec(page) ?? [];
    expect(refusalsOf(text)).toEqual([]);
    expect(featureMomentOf(onlySource(text))).toEqual({
      cut: { observeSeconds: 300 },
      tables: [
        { table: 'click', time: 'click_time' },
        { table: 'agg_origin', covers: 'before-visit' },
        { table: 'agg_pages', covers: 'whole-visit' },
      ],
    });
  });
});

describe('what datasets and models record of it', () => {
  it('is the fixed time, and what each table counts', () => {
    expect(featureMomentOf(onlySource(timed('observe: 300', ' lookback: 60,')))).toEqual({
      cut: { observeSeconds: 300 },
      tables: [
        { table: 'agg_pages', covers: 'whole-visit' },
        { table: 'click', time: 'click_time', lookbackSeconds: 60 },
      ],
    });
  });

  it('is the column, without a fixed time to the cut', () => {
    const source = onlySource(timed('cut: read_at'));
    expect(cutOf(source)).toEqual({ column: 'read_at' });
    expect(observeSecondsOf(source)).toBe(0);
  });

  it('is no cut without event times, and the whole visit by default', () => {
    const source = smallShopSource();
    expect(featureMomentOf(source)).toEqual({
      cut: null,
      tables: [{ table: 'agg_pages', covers: 'whole-visit' }],
    });
    expect(source.features.map(coverageOf)).toEqual(['whole-visit']);
  });
});
