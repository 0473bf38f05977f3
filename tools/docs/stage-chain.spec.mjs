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
  it('has the stages of stage-chain.ts, in their order, with what they consume and emit', () => {
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

describe('the picture of the pipeline in README.md', () => {
  it('has every event from each stage that emits it to the one that consumes it', () => {
    const stageOf = {
      DP: 'data-prep',
      S: 'sampling',
      P: 'trainer-plan',
      T: 'trials',
      E: 'evaluator',
      PB: 'publisher',
    };
    const name = (/** @type {string} */ node) =>
      /** @type {Record<string, string>} */ (stageOf)[node] ?? 'anyone';
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const drawn = [...readme.matchAll(/^ +(\w+) -- ([a-z.]+) --> (\w+)/gm)]
      .map(([, from = '', event = '', to = '']) => `${event}: ${name(from)} -> ${name(to)}`)
      .filter((edge) => !/^(factory|run)\./.test(edge));
    const declared = Object.entries(STAGE_CHAIN).flatMap(([stage, { emits }]) =>
      emits.map((event) => `${event}: ${stage} -> ${EVENTS[event].consumedBy ?? 'anyone'}`),
    );
    expect(drawn.sort()).toEqual(declared.sort());
  });
});
