import { setImmediate } from 'node:timers/promises';
import { epochOrder } from '../network-shape';
import { TrainingCallbacks } from '../training-callbacks';
import type {
  CancelFlag,
  EpochRecord,
  LossSums,
  PausedTraining,
  TrainedTrial,
  TrainingData,
} from '../training-engine';
import { TrialCancelledError } from '../training-errors';
import { epochRecord, isOver, isSound, trainedTrial, type Standing } from '../training-loop';
import { BatchedNetworks, type GroupNetwork } from './batched-networks';
import type { DeviceData } from './device-data';

/** A network of the group. */
export interface GroupMember extends Omit<GroupNetwork, 'state' | 'best'> {
  /** The pause from which to continue a training of this engine. */
  readonly resumeFrom?: PausedTraining;
}

export interface GroupTrainingOptions {
  /** Unsigned 32-bit number: for the order of rows and the random numbers of dropout, which networks share. */
  readonly sharedSeed: number;
  readonly signal?: CancelFlag;
  /** @param member index in the list of members */
  readonly onEpoch?: (member: number, record: EpochRecord) => void;
  /** Pause every network after this epoch unless its training has ended. Absent: train to the end. */
  readonly untilEpoch?: number;
}

const NEVER: CancelFlag = { cancelled: false };
const NOTHING: LossSums = { rows: NaN, loss: NaN, correct: NaN };

/**
 * Trains networks by rules R5 as few programs as possible: those with the same batch size (and the same number
 * of completed epochs) together. A network that stops early or diverges leaves its program without affecting
 * the others. The same members in the same order with the same seeds give the same weights.
 *
 * @param data from which `onDevice` was made
 * @param nowMs a clock in milliseconds; an epoch's seconds are divided among the networks of the program
 * @returns the result of each member, in their order
 * @throws TrialCancelledError when `options.signal` was set
 * @throws BadInputError `not-a-network-state`
 */
export async function trainGroup(
  data: TrainingData,
  onDevice: DeviceData,
  members: readonly GroupMember[],
  options: GroupTrainingOptions,
  nowMs: () => number,
): Promise<TrainedTrial[]> {
  const trained = new Map<number, TrainedTrial>();
  for (const program of programsOf(members))
    await trainProgram(program, data, onDevice, options, nowMs, trained);
  return members.flatMap((_member, index) => trained.get(index) ?? []);
}

/** A member with the state of its training. */
interface Trainee extends Standing {
  readonly index: number;
  readonly member: GroupMember;
  readonly history: EpochRecord[];
  diverged: boolean;
}

function programsOf(members: readonly GroupMember[]): Trainee[][] {
  const programs = new Map<string, Trainee[]>();
  members.forEach((member, index) => {
    const { settings, resumeFrom } = member;
    const history = [...(resumeFrom?.history ?? [])];
    const key = `${settings.batchSize}/${history.length}`;
    const program = programs.get(key) ?? [];
    const callbacks = new TrainingCallbacks(settings, resumeFrom?.callbacks);
    program.push({ index, member, callbacks, history, diverged: false });
    programs.set(key, program);
  });
  return [...programs.values()];
}

async function trainProgram(
  program: readonly Trainee[],
  data: TrainingData,
  onDevice: DeviceData,
  { sharedSeed, signal = NEVER, untilEpoch = Infinity, onEpoch }: GroupTrainingOptions,
  nowMs: () => number,
  trained: Map<number, TrainedTrial>,
): Promise<void> {
  const networks = new BatchedNetworks(onDevice, program.map(networkOf), sharedSeed);
  try {
    for (let live = leaveThoseThrough(program); live.length > 0; live = leaveThoseThrough(live)) {
      const startedMs = nowMs();
      const rates = live.map(({ callbacks }) => callbacks.learningRate);
      const epoch = (live[0]?.history.length ?? 0) + 1;
      const train = networks.trainEpoch(epochOrder(data.trainRows, sharedSeed, epoch), rates, signal);
      const validation = networks.evaluate(data.validationRows, signal);
      if (signal.cancelled) throw new TrialCancelledError();
      const areFinite = networks.areFinite();
      const seconds = (nowMs() - startedMs) / 1000 / live.length;
      const isBest = live.map((trainee, k) => {
        const record = epochRecord(
          epoch,
          train[k] ?? NOTHING,
          validation[k] ?? NOTHING,
          trainee.callbacks.learningRate,
          seconds,
        );
        trainee.history.push(record);
        trainee.diverged = !isSound(record) || !areFinite[k];
        onEpoch?.(trainee.index, record);
        return !trainee.diverged && trainee.callbacks.afterEpoch(record.validationLoss).isBest;
      });
      networks.keepBest(isBest);
      await setImmediate();
    }
  } finally {
    networks.dispose();
  }

  /** Removes members that have ended from the program and records their results. */
  function leaveThoseThrough(trainees: readonly Trainee[]): readonly Trainee[] {
    const staying = trainees.flatMap((trainee, k) => {
      const { settings } = trainee.member;
      if (!isOver(trainee, settings) && trainee.history.length < untilEpoch) return [k];
      const best = networks.weights(k, 'best');
      trained.set(
        trainee.index,
        trainedTrial(trainee, settings, best, () => networks.state(k)),
      );
      return [];
    });
    if (staying.length > 0) networks.keepOnly(staying);
    return staying.flatMap((k) => trainees[k] ?? []);
  }
}

function networkOf({ member: { settings, seed, resumeFrom } }: Trainee): GroupNetwork {
  if (!resumeFrom) return { settings, seed };
  return { settings, seed, state: resumeFrom.network, best: resumeFrom.best };
}
