import { curvatureAt } from './curvature';
import { objectiveAt, type ObjectivePoint } from './objective';
import { factoriseInPlace, solveFactorised, type SymmetricMatrix } from './symmetric-matrix';
import { sampleOf, type TrainingRows } from './training-rows';

/** What is minimised: the objective over every `step`-th row, as if they were all. */
export interface Sampled {
  readonly source: TrainingRows;
  readonly c: number;
  readonly step: number;
}

/** The factor of a curvature, and the rows that it was taken from. */
export interface FactorisedCurvature {
  readonly factor: SymmetricMatrix;
  readonly step: number;
}

export interface Start {
  readonly parameters: Float64Array;
  /** Taken from fewer rows, near the minimum. Absent: none is known. */
  readonly curvature?: FactorisedCurvature | undefined;
}

export interface Minimum extends Start {
  /** Whether the tolerance was reached. */
  readonly converged: boolean;
  /** Steps taken. */
  readonly iterations: number;
}

const MOST_ITERATIONS = 100;

/** Where a step leaves more than this share of the decrement, its curvature was not that of these rows here. */
const SLOW = 0.01;

/** A curvature is not taken again when this many steps with the old one do as well. */
const FEW_STEPS = 3;

/** Rows of a finer curvature for each row of the one before. */
const REFINEMENT = 4;

/**
 * Newton's method with step control. The curvature is kept as long as steps with it reduce the Newton decrement
 * quickly, since a pass for the gradient is far cheaper than one for the curvature; then it is taken again, from four
 * times the rows until they are all.
 *
 * It ends when the Newton decrement g' H^-1 g is at most the square of the tolerance, with one more step, which needs no
 * proof. As H is at least 1 for every weight, each weight is then within the tolerance of the minimum's, to first order.
 * Source: Boyd and Vandenberghe 2004, "Convex Optimization", 9.5; Nocedal and Wright 2006, "Numerical Optimization",
 * algorithm 3.1 (backtracking).
 */
export function minimise(of: Sampled, start: Start, tolerance: number): Minimum {
  const sample = sampleOf(of.source, of.step, of.c);
  const look = (parameters: Float64Array) => objectiveAt(of.source, sample, parameters);
  let at = look(start.parameters);
  let curvature = start.curvature ?? curvatureNear(of, at, of.step);
  let isFresh = start.curvature === undefined;
  let iterations = 0;
  while (iterations < MOST_ITERATIONS) {
    const step = newtonStep(curvature, at);
    if (step.decrement <= tolerance ** 2) {
      const parameters = moved(at.parameters, step.direction, 1);
      return { parameters, curvature, converged: true, iterations: iterations + 1 };
    }
    const next = stepFrom(at, step, look);
    if (!next && isFresh && curvature.step === of.step) break;
    const left = next?.isWhole ? newtonStep(curvature, next.point).decrement : Infinity;
    if (next) {
      at = next.point;
      iterations++;
      isFresh = false;
    }
    const share = left / step.decrement;
    if (share > SLOW && left * share ** FEW_STEPS > tolerance ** 2) {
      curvature = curvatureNear(of, at, Math.max(of.step, Math.floor(curvature.step / REFINEMENT)));
      isFresh = true;
    }
  }
  return { parameters: at.parameters, curvature, converged: false, iterations };
}

/** @param step between the rows that it is taken from */
function curvatureNear(
  { source, c }: Sampled,
  { parameters }: ObjectivePoint,
  step: number,
): FactorisedCurvature {
  const factor = curvatureAt(source, sampleOf(source, step, c), parameters);
  factoriseInPlace(factor);
  return { factor, step };
}

interface NewtonStep {
  /** H^-1 g: the way to go is its opposite. */
  readonly direction: Float64Array;
  /** g' H^-1 g: how fast the objective falls that way. */
  readonly decrement: number;
}

function newtonStep({ factor }: FactorisedCurvature, { gradient }: ObjectivePoint): NewtonStep {
  const direction = solveFactorised(factor, gradient);
  return {
    direction,
    decrement: direction.reduce((sum, value, at) => sum + value * (gradient[at] ?? NaN), 0),
  };
}

function moved(from: Float64Array, direction: Float64Array, size: number): Float64Array {
  return from.map((parameter, at) => parameter - size * (direction[at] ?? NaN));
}

/** Share of the decrease that the slope promises, at least. */
const ARMIJO = 1e-4;
/** Of the objective: what summing may lose. */
const ROUNDING = 1e-12;
const SHORTEST_STEP = 2 ** -30;

/** The first of the steps 1, 1/2, 1/4, ... that decreases the objective enough; undefined: none does. */
function stepFrom(
  { parameters, value }: ObjectivePoint,
  { direction, decrement }: NewtonStep,
  look: (parameters: Float64Array) => ObjectivePoint,
): { readonly point: ObjectivePoint; readonly isWhole: boolean } | undefined {
  for (let size = 1; size >= SHORTEST_STEP; size /= 2) {
    const point = look(moved(parameters, direction, size));
    const most = value - ARMIJO * size * decrement + ROUNDING * (1 + Math.abs(value));
    if (point.value <= most) return { point, isWhole: size === 1 };
  }
  return undefined;
}
