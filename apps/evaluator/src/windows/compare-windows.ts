import type { ArtefactRef } from '@factory/contracts';
import { hash52 } from '@factory/domain';
import { decodeModel, type WindowComparison } from '@factory/model';
import { parseTransform } from '@factory/normalisation';
import type { ByteSource } from '@factory/object-store';
import { loadKernel } from '@factory/training-kernel';
import { chooseWindow } from './choose-window';
import { scoreWindows } from './score-windows';

/** A training window and its model. */
export interface TrainedWindow {
  readonly start: string;
  readonly days: number;
  readonly sales: number;
  readonly trial: number;
  readonly family: string;
  /** Without the prior shift. */
  readonly weights: Uint8Array;
}

/** All that a comparison of windows needs except the bytes of the dataset. */
export interface WindowsInput {
  readonly run: string;
  readonly dataset: ArtefactRef;
  /** transform.json */
  readonly transform: Uint8Array;
  readonly shift: number;
  /** In order of days, the longest last. */
  readonly windows: readonly TrainedWindow[];
  /** Start of the window that the sales volume chooses. */
  readonly byVolume: string;
  readonly minOutOfTimeGoals: number;
}

/**
 * Compares the models of training windows on half a of the out-of-time rows, and chooses one (rules R1). With too few
 * goals there the sales volume chooses; if that window has no model, or one whose scores are not numbers, the longest is
 * taken.
 *
 * @throws IntegrityError if the bytes are not what sampling wrote
 */
export function compareWindows(input: WindowsInput, datasetBytes: ByteSource): WindowComparison {
  const { run, dataset, shift, windows, byVolume, minOutOfTimeGoals } = input;
  const transform = parseTransform(JSON.parse(Buffer.from(input.transform).toString('utf8')));
  const models = windows.map(({ family, weights }) => ({
    model: decodeModel(family, weights).shifted(shift),
    transform,
  }));
  const { losses, goals, ...rows } = scoreWindows(dataset, datasetBytes, models, loadKernel().build);
  const usable = windows.filter((_, at) => losses[at]?.every(Number.isFinite));
  const figures =
    goals === 0
      ? undefined
      : chooseWindow({
          ...{ ...rows, seed: hash52('windows', run) % 2 ** 32 },
          losses: losses.filter((of) => of.every(Number.isFinite)),
        });
  const isEnough = goals >= minOutOfTimeGoals;
  const longest = usable.at(-1) ?? windows.at(-1);
  const chosen = isEnough
    ? usable[figures?.chosen ?? -1]
    : (usable.find(({ start }) => start === byVolume) ?? longest);
  return {
    reason: isEnough ? (chosen === longest ? 'longest' : 'fresher') : 'too-few-goals',
    rows: rows.weights.length,
    goals,
    compared: windows.map(({ start, days, sales, trial }) => {
      const own = figures?.compared[usable.findIndex((one) => one.start === start)];
      return {
        ...{ start, days, sales, trial, byVolume: start === byVolume, chosen: start === chosen?.start },
        ...(own && usable.some((one) => one.start === start) ? own : {}),
      };
    }),
  };
}
