import type { Candidate } from '@factory/contracts';
import { ARROW_CONTENT_TYPE } from '@factory/dataset';
import { FactoryError, selectWinner, type Policy } from '@factory/domain';
import type { Champions, EvaluationRecord, ModelStates, RunRecord, StageResult } from '@factory/ledger';
import type { WindowComparison } from '@factory/model';
import { putVerified, putVerifiedStream, runFileKey, type ObjectStore } from '@factory/object-store';
import { endAfter, type StageWork } from '@factory/stage';
import type { EvaluateCandidate } from './evaluate-candidate';
import type { ChooseCandidate, ChosenCandidate } from './windows/choose-candidate';

/** The stage of the evaluator: turns trained candidates into a winner, report.json, scores.arrow, and a verdict. */
export class EvaluateRun {
  constructor(
    private readonly evaluate: Pick<EvaluateCandidate, 'execute'>,
    private readonly champions: Pick<Champions, 'find'>,
    private readonly states: Pick<ModelStates, 'find'>,
    private readonly record: Pick<RunRecord, 'forEvaluation' | 'trial'>,
    private readonly store: ObjectStore,
    private readonly choose: Pick<ChooseCandidate, 'execute'>,
  ) {}

  /** @throws FactoryError `no-candidate`; the errors of `EvaluateCandidate`; ServerAwayError */
  async execute({ input, claim, policy, signal, tell }: StageWork<'evaluator'>): Promise<StageResult> {
    const winner = selectWinner(input.candidates.map((one) => ({ ...one, status: 'done' as const })));
    const best = winner && input.candidates.find(({ trial }) => trial === winner.trial);
    if (!best) throw new FactoryError('no-candidate', 'every candidate diverged', false);
    const record = await this.record.forEvaluation(input.run);
    const chosen = await this.chosen(input, best, record, policy, signal);
    const { candidate, window } = chosen;
    tell(`judging trial ${candidate.trial}`);
    const champion = await this.champions.find(input);
    const held = (await this.states.find(input))?.state === 'held';
    const keyOf = (file: string) => runFileKey({ ...claim, stage: 'evaluator' }, file);
    const putScores = (chunks: AsyncIterable<Uint8Array>) =>
      putVerifiedStream(this.store, keyOf('scores.arrow'), chunks, { contentType: ARROW_CONTENT_TYPE });
    const { report, scores } = await this.evaluate.execute(
      {
        ...record,
        window,
        windows: chosen.comparison,
        run: input.run,
        source: input.source,
        product: input.product,
        goal: input.goal,
        candidate,
        trial: await this.record.trial(input.run, candidate.trial),
        policy,
        champion,
        held,
        overrules: claim.overrules ?? [],
      },
      putScores,
      signal,
    );
    const reportRef = await putVerified(this.store, keyOf('report.json'), `${JSON.stringify(report)}\n`, {
      contentType: 'application/json',
    });
    const { decision } = report.verdict;
    const body = {
      verdict: decision,
      report: reportRef,
      scores,
      candidate,
      judgedEpoch: champion?.epoch ?? 0,
    };
    return endAfter('evaluation', claim, {
      output: { ...body, verdict: report.verdict, decision, ...(chosen.comparison ? { window } : {}) },
      events: [{ event: 'model.evaluated', shard: input.shard, body }],
    });
  }

  /** The winner, or the same settings on a shorter window if that was trained too. */
  private async chosen(
    { run, windows }: StageWork<'evaluator'>['input'],
    winner: Candidate,
    record: EvaluationRecord,
    policy: Policy,
    signal: AbortSignal,
  ): Promise<Pick<ChosenCandidate, 'candidate' | 'window'> & { readonly comparison?: WindowComparison }> {
    if (!windows) return { candidate: winner, window: record.window };
    return this.choose.execute({ ...record, run, winner, windows, policy }, signal);
  }
}
