import { sha256Of } from '@factory/object-store';
import { checkedColumns } from './checked-input';

const read = (body: string) =>
  checkedColumns(
    { get: () => Promise.resolve(Buffer.from(body)) },
    { key: 'runs/r/data-prep/1/checks.json', sha256: sha256Of(body), bytes: Buffer.byteLength(body) },
  );

describe('the report of data-prep', () => {
  it('names the feature columns with rows, including columns without known values', async () => {
    const lines = [
      { check: 'catalogue', figure: 0, limit: 0, result: 'pass' },
      { check: 'not-a-feature', column: 'agg.visit_id', figure: 'id', limit: 'x', result: 'pass' },
      { check: 'empty-feature-table', column: 'agg.visit_id', figure: 1, limit: 'above 0', result: 'pass' },
      { check: 'column-of-nulls', column: 'agg.pages', figure: 1, limit: 'above 0', readAs: 'number' },
      { check: 'column-of-nulls', column: 'agg.device', figure: 0, result: 'warn', readAs: 'category' },
      { check: 'column-of-nulls', column: 'agg.old', figure: 1, limit: 'above 0', result: 'pass' },
      { check: 'of-a-later-release', more: true },
    ];
    expect(await read(JSON.stringify(lines))).toEqual([
      { column: 'agg.pages', readAs: 'number' },
      { column: 'agg.device', readAs: 'category' },
      { column: 'agg.old', readAs: undefined },
    ]);
  });

  test.each(['', '{}', 'null', '[1]', '[{"check":7}]', '[{"check":"column-of-nulls","readAs":"colour"}]'])(
    'that is invalid ends the run, and is not treated as one without columns: %s',
    async (body) => {
      await expect(read(body)).rejects.toMatchObject({ code: 'invalid-checks', retryable: false });
    },
  );
});
