import { consumerOf } from '@factory/contracts';
import { ARROW_CONTENT_TYPE } from '@factory/dataset';
import { FactoryError, selectWinner } from '@factory/domain';
import { Champions, RunRecord } from '@factory/ledger';
import { OnConsumer, type HandlerOutcome, type JetStreamMessage } from '@factory/messaging';
import { putVerified, putVerifiedStream, runFileKey, type ObjectStore } from '@factory/object-store';
import { OBJECT_STORE } from '@factory/service-kit';
import { endAfter, StageRunner } from '@factory/stage';
import { Controller, Inject } from '@nestjs/common';
import { EvaluateCandidate } from './evaluate-candidate';

/** Picks a run's winner and judges it against the version in force. */
@Controller()
export class EvaluatorConsumer {
  constructor(
    private readonly evaluate: EvaluateCandidate,
    private readonly champions: Champions,
    private readonly record: RunRecord,
    private readonly runner: StageRunner,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
  ) {}

  @OnConsumer(consumerOf('evaluator').durable)
  judge(message: JetStreamMessage): Promise<HandlerOutcome> {
    return this.runner.run('evaluator', message, async ({ input, claim, policy, signal, tell }) => {
      const winner = selectWinner(input.candidates.map((one) => ({ ...one, status: 'done' as const })));
      const candidate = winner && input.candidates.find(({ trial }) => trial === winner.trial);
      if (!candidate) throw new FactoryError('no-candidate', 'every candidate diverged', false);
      tell(`judging trial ${candidate.trial}`);
      const champion = await this.champions.find(input);
      const keyOf = (file: string) => runFileKey({ ...claim, stage: 'evaluator' }, file);
      const putScores = (chunks: AsyncIterable<Uint8Array>) =>
        putVerifiedStream(this.store, keyOf('scores.arrow'), chunks, { contentType: ARROW_CONTENT_TYPE });
      const { report, scores } = await this.evaluate.execute(
        {
          ...(await this.record.forEvaluation(input.run)),
          run: input.run,
          source: input.source,
          product: input.product,
          goal: input.goal,
          candidate,
          combination: await this.record.combination(input.run, candidate.trial),
          policy,
          champion,
        },
        putScores,
        signal,
      );
      const reportRef = await putVerified(this.store, keyOf('report.json'), `${JSON.stringify(report)}\n`, {
        contentType: 'application/json',
      });
      const body = {
        verdict: report.verdict.decision,
        report: reportRef,
        scores,
        candidate,
        judgedEpoch: champion?.epoch ?? 0,
      };
      return endAfter('evaluation', claim, {
        output: { ...body, verdict: report.verdict, decision: report.verdict.decision },
        events: [{ event: 'model.evaluated', shard: input.shard, body }],
      });
    });
  }
}
