import type { Optimizer } from '@factory/domain';

/** Applies one gradient to all parameters in place. */
export interface ParameterUpdate {
  /** Its current state between steps: writing into these arrays restores a state. */
  readonly state: readonly (Float32Array | Float64Array)[];
  /**
   * @param parameters changed in place
   * @param gradients same order and lengths as `parameters`
   * @param learningRate of this step
   */
  apply(parameters: readonly Float32Array[], gradients: readonly Float32Array[], learningRate: number): void;
}

export const BETA_1 = 0.9;
export const BETA_2 = 0.999;
export const RHO = 0.9;
export const EPSILON = 1e-7;

/**
 * The optimizers of the grid with the formulas and defaults of Keras 3 (betas .9 and .999, rho .9, epsilon
 * 1e-7, no momentum in sgd); tfjs's own differ in epsilon and rho and have no nadam. State is float32.
 *
 * @param sizes lengths of the parameter arrays
 */
export function createOptimizer(kind: Optimizer, sizes: readonly number[]): ParameterUpdate {
  const zeros = () => sizes.map((size) => new Float32Array(size));
  switch (kind) {
    case 'adam':
      return new Adam(zeros(), zeros());
    case 'nadam':
      return new Nadam(zeros(), zeros());
    case 'rmsprop':
      return new RmsProp(zeros());
    case 'sgd':
      return new Sgd();
  }
}

/** Kingma and Ba 2015, with epsilon outside the bias correction. */
class Adam implements ParameterUpdate {
  readonly state;
  private readonly steps = Float64Array.of(0);

  constructor(
    private readonly momenta: Float32Array[],
    private readonly velocities: Float32Array[],
  ) {
    this.state = [this.steps, ...momenta, ...velocities];
  }

  apply(parameters: readonly Float32Array[], gradients: readonly Float32Array[], learningRate: number): void {
    const step = (this.steps[0] ?? 0) + 1;
    this.steps[0] = step;
    const alpha = (learningRate * Math.sqrt(1 - BETA_2 ** step)) / (1 - BETA_1 ** step);
    eachArray(parameters, gradients, this.momenta, this.velocities, (values, slopes, momentum, velocity) => {
      for (let i = 0; i < values.length; i++) {
        const slope = at(slopes, i);
        const m = at(momentum, i) + (slope - at(momentum, i)) * (1 - BETA_1);
        const v = at(velocity, i) + (slope * slope - at(velocity, i)) * (1 - BETA_2);
        momentum[i] = m;
        velocity[i] = v;
        values[i] = at(values, i) - (alpha * m) / (Math.sqrt(v) + EPSILON);
      }
    });
  }
}

/** Dozat 2016: Adam with Nesterov momentum and a momentum schedule. */
class Nadam implements ParameterUpdate {
  readonly state;
  /** Steps made, and the product of the momentum schedule over them. */
  private readonly schedule = Float64Array.of(0, 1);

  constructor(
    private readonly momenta: Float32Array[],
    private readonly velocities: Float32Array[],
  ) {
    this.state = [this.schedule, ...momenta, ...velocities];
  }

  apply(parameters: readonly Float32Array[], gradients: readonly Float32Array[], learningRate: number): void {
    const [steps = 0, productBefore = 1] = this.schedule;
    const step = steps + 1;
    const now = BETA_1 * (1 - 0.5 * 0.96 ** step);
    const next = BETA_1 * (1 - 0.5 * 0.96 ** (step + 1));
    const product = productBefore * now;
    this.schedule.set([step, product]);
    const ofMomentum = next / (1 - product * next);
    const ofSlope = (1 - now) / (1 - product);
    const correction = 1 - BETA_2 ** step;
    eachArray(parameters, gradients, this.momenta, this.velocities, (values, slopes, momentum, velocity) => {
      for (let i = 0; i < values.length; i++) {
        const slope = at(slopes, i);
        const m = at(momentum, i) + (slope - at(momentum, i)) * (1 - BETA_1);
        const v = at(velocity, i) + (slope * slope - at(velocity, i)) * (1 - BETA_2);
        momentum[i] = m;
        velocity[i] = v;
        const ahead = ofMomentum * m + ofSlope * slope;
        values[i] = at(values, i) - (learningRate * ahead) / (Math.sqrt(v / correction) + EPSILON);
      }
    });
  }
}

/** Tieleman and Hinton 2012, not centred, without momentum; epsilon inside the root as in Keras. */
class RmsProp implements ParameterUpdate {
  readonly state;

  constructor(private readonly velocities: Float32Array[]) {
    this.state = velocities;
  }

  apply(parameters: readonly Float32Array[], gradients: readonly Float32Array[], learningRate: number): void {
    eachArray(parameters, gradients, this.velocities, this.velocities, (values, slopes, velocity) => {
      for (let i = 0; i < values.length; i++) {
        const slope = at(slopes, i);
        const v = RHO * at(velocity, i) + (1 - RHO) * slope * slope;
        velocity[i] = v;
        values[i] = at(values, i) - (learningRate * slope) / Math.sqrt(v + EPSILON);
      }
    });
  }
}

class Sgd implements ParameterUpdate {
  readonly state = [];

  apply(parameters: readonly Float32Array[], gradients: readonly Float32Array[], learningRate: number): void {
    eachArray(parameters, gradients, gradients, gradients, (values, slopes) => {
      for (let i = 0; i < values.length; i++) values[i] = at(values, i) - learningRate * at(slopes, i);
    });
  }
}

type Lists = readonly Float32Array[];
type Update = (values: Float32Array, slopes: Float32Array, first: Float32Array, second: Float32Array) => void;

function eachArray(parameters: Lists, gradients: Lists, firsts: Lists, seconds: Lists, update: Update): void {
  parameters.forEach((values, n) => {
    const [slopes, first, second] = [gradients[n], firsts[n], seconds[n]];
    if (slopes && first && second) update(values, slopes, first, second);
  });
}

/** Indexes are in range by the loops above; the fallback is only for the compiler. */
function at(values: Float32Array, index: number): number {
  return values[index] ?? 0;
}
