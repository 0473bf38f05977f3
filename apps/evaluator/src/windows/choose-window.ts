import { pairedBootstrap, type BootstrapInterval } from '@factory/metrics';

/** The losses of the models of several training windows on the same rows, window by window, in order of days. */
export interface WindowLosses {
  /** [windows][rows], all finite. */
  readonly losses: readonly Float64Array[];
  /** [rows] */
  readonly weights: Float64Array;
  /** [rows] number of each row's visitor. */
  readonly groups: Uint32Array;
  /** Draws of visitors. Default 1,000. */
  readonly samples?: number;
  readonly seed: number;
}

export interface ComparedWindow {
  readonly logLoss: BootstrapInterval;
  /** Its log-loss minus that of the longest window. */
  readonly overLongest: BootstrapInterval;
  /** Its log-loss minus the lowest of all. */
  readonly overBest: BootstrapInterval;
}

/**
 * Compares windows and chooses one (rules R1): the longest whose model is not surely worse than the best, so that more
 * days are given up only for proof that they do harm. Each pair on the same draws of visitors.
 *
 * @returns the windows in the order given, and the index of the chosen one
 */
export function chooseWindow({ losses, ...rows }: WindowLosses): {
  readonly compared: readonly ComparedWindow[];
  readonly chosen: number;
} {
  const nothing = new Float64Array(rows.weights.length);
  const over = (lossA: Float64Array, lossB: Float64Array = nothing): BootstrapInterval =>
    pairedBootstrap({ ...rows, lossA, lossB });
  const logLosses = losses.map((one) => over(one));
  const best = logLosses.reduce(
    (lowest, { estimate }, at) => (estimate < (logLosses[lowest]?.estimate ?? Infinity) ? at : lowest),
    0,
  );
  const compared = losses.map((one, at): ComparedWindow => {
    const logLoss = logLosses[at] ?? over(one);
    const overLongest = over(one, losses.at(-1));
    return {
      logLoss,
      overLongest,
      overBest: best === losses.length - 1 ? overLongest : over(one, losses[best]),
    };
  });
  return { compared, chosen: compared.findLastIndex(({ overBest }) => overBest.lower95 <= 0) };
}
