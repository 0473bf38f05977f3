import { EVENTS, STAGE_CHAIN, STREAMS, consumerOf } from '@factory/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace/root.mjs';

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** Cells of the table between two markers, without backticks; without its head. @param {string} region */
function rowsOf(region) {
  const text = page.split(`<!-- ${region}:begin -->`)[1]?.split(`<!-- ${region}:end -->`)[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .replaceAll('`', '')
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('the pipeline in docs/architecture.md', () => {
  it('has the stages of stage-chain.ts, in their order, with what they take and give', () => {
    const [requests, ...stages] = rowsOf('stages');
    expect(requests).toContain('data-prep-requests');
    expect(stages).toEqual(
      Object.entries(STAGE_CHAIN).map(([stage, { app, consumes, emits }]) => [
        stage,
        app,
        consumes,
        [...emits, 'run.finished'].join(', '),
        consumerOf(/** @type {any} */ (stage), '<pool>').durable,
      ]),
    );
  });

  it('has every event with its subject and reader, and every stream', () => {
    expect(rowsOf('events').map(([event, , , to]) => [event, to])).toEqual(
      Object.entries(EVENTS).map(([event, { consumedBy }]) => [event, consumedBy ?? 'anyone']),
    );
    for (const [event = '', subject = ''] of rowsOf('events'))
      expect(subject.startsWith(`${/** @type {any} */ (EVENTS)[event].subject}.`)).toBe(true);
    expect(rowsOf('streams').map(([name]) => name)).toEqual(Object.values(STREAMS).map(({ name }) => name));
  });
});
