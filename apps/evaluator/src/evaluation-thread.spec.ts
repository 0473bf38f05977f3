import { encodeDataset } from '@factory/dataset';
import { FactoryError } from '@factory/domain';
import type { Report } from '@factory/model';
import { sha256Of } from '@factory/object-store';
import { compileForSpecs } from '@factory/testing';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EvaluationThread } from './evaluation-thread';
import { championOf, dataset, judgedFrom, judgementInput } from './spec-judgement';

const file = compileForSpecs(join(__dirname, 'evaluation.worker.ts'));
const thread = new EvaluationThread(file);
const bytes = encodeDataset(dataset);
const { signal } = new AbortController();

afterAll(async () => {
  await thread.onApplicationShutdown();
  rmSync(file);
});

const collected = async (chunks: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  const body = Buffer.concat(all);
  return { key: 'runs/scores.arrow', sha256: sha256Of(body), bytes: body.length };
};
const openDataset = () => Promise.resolve(Readable.from([bytes.subarray(0, 999), bytes.subarray(999)]));

/** Without what a clock measured. */
const untimed = ({ verdict, ...report }: Report) => ({
  ...report,
  latencyMicros: 0,
  verdict: { ...verdict, reasons: verdict.reasons.filter(({ rule }) => rule !== 'latency') },
});

it('gives the same judgement and scores as on the calling thread', async () => {
  const input = judgementInput({ champion: championOf(3, -4) });
  const here = judgedFrom(input, bytes);
  const files = { openDataset, putScores: collected };
  const both = await Promise.all([thread.judge(input, files, signal), thread.judge(input, files, signal)]);
  for (const { report, scores } of both) {
    expect(report.latencyMicros).toBeGreaterThan(0);
    expect(untimed(report)).toEqual(untimed(here.report));
    expect(scores.sha256).toBe(sha256Of(here.scores));
  }
});

it('fails with the reason when its scores cannot be written, and judges the next', async () => {
  const away = new FactoryError('store-away', 'gone', true);
  const putScores = () => Promise.reject(away);
  await expect(thread.judge(judgementInput(), { openDataset, putScores }, signal)).rejects.toBe(away);
  const files = { openDataset, putScores: collected };
  expect((await thread.judge(judgementInput(), files, signal)).report.verdict.decision).toBe('promote');
});
