import type { Candidate, ModelTrained, WindowMessage } from '@factory/contracts';
import { priorShift, type Policy, type Trial } from '@factory/domain';
import type { EvaluationRecord } from '@factory/ledger';
import type { WindowComparison } from '@factory/model';
import { getVerified, openVerified, type ObjectStore } from '@factory/object-store';
import type { JudgementFiles } from '../evaluate-candidate';
import type { TrainedWindow, WindowsInput } from './compare-windows';

/** Compares windows on a separate thread: `compareWindows`. */
export interface WindowJudge {
  compareWindows(
    input: WindowsInput,
    openDataset: JudgementFiles['openDataset'],
    signal: AbortSignal,
  ): Promise<WindowComparison>;
}

export interface WindowsRequest extends Pick<
  EvaluationRecord,
  'window' | 'dataset' | 'transform' | 'counts'
> {
  readonly run: string;
  /** Of the search, trained on the longest window. */
  readonly winner: Candidate;
  /** Its settings on shorter windows. */
  readonly windows: NonNullable<ModelTrained['windows']>;
  readonly policy: Pick<Policy, 'minOutOfTimeGoals'>;
}

/** The candidate that is judged, and what it was trained on. */
export interface ChosenCandidate {
  readonly candidate: Candidate;
  readonly window: WindowMessage;
  readonly comparison: WindowComparison;
}

/** Chooses among the winner and the same settings trained on shorter windows (rules R1). */
export class ChooseCandidate {
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'getStream'>,
    private readonly judge: WindowJudge,
    private readonly record: { trial(run: string, number: number): Promise<Trial> },
  ) {}

  /** @throws IntegrityError if an artefact is not what its stage wrote; ServerAwayError */
  async execute(request: WindowsRequest, signal: AbortSignal): Promise<ChosenCandidate> {
    const { run, window, dataset, transform, counts, winner, windows, policy } = request;
    const { shorter = [], byVolume = window.start, ...longest } = window;
    const options = optionsOf(longest, shorter, winner, windows);
    const comparison = await this.judge.compareWindows(
      {
        ...{ run, dataset, byVolume, minOutOfTimeGoals: policy.minOutOfTimeGoals },
        transform: await getVerified(this.store, transform),
        shift: priorShift(counts.f1, counts.f0),
        windows: await Promise.all(options.map((one) => this.trained(run, one))),
      },
      () => openVerified(this.store, dataset, signal),
      signal,
    );
    const { start } = comparison.compared.find(({ chosen }) => chosen) ?? window;
    const { candidate, days, sales } = options.find((one) => one.start === start) ?? {
      ...{ candidate: winner, ...window },
    };
    return { candidate, window: { ...longest, start, days, sales, evidence: comparison.reason }, comparison };
  }

  private async trained(run: string, { candidate, ...window }: Option): Promise<TrainedWindow> {
    const { trial } = candidate;
    const { family } = await this.record.trial(run, trial);
    return { ...window, trial, family, weights: await getVerified(this.store, candidate.weights) };
  }
}

interface Option extends Pick<WindowMessage, 'start' | 'days' | 'sales'> {
  readonly candidate: Candidate;
}

/** In order of days. */
function optionsOf(
  { start, days, sales }: WindowMessage,
  shorter: NonNullable<WindowMessage['shorter']>,
  winner: Candidate,
  windows: WindowsRequest['windows'],
): Option[] {
  const found = shorter.flatMap((window): Option[] => {
    const trained = windows.find((one) => one.start === window.start);
    return trained ? [{ ...window, candidate: trained.candidate }] : [];
  });
  return [...found, { start, days, sales, candidate: winner }].sort((a, b) => a.days - b.days);
}
