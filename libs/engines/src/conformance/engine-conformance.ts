import type { TrainingEngine } from '../training-engine';
import { describeArithmetic } from './engine-arithmetic';
import { describeCourse } from './engine-course';
import { describePauses } from './engine-pauses';

jest.setTimeout(120_000);

/**
 * Tests of every training engine, whatever it computes with. Call it from the engine's own spec.
 *
 * @param create an engine; called once
 */
export function describeEngine(name: string, create: () => Promise<TrainingEngine>): void {
  describe(`training engine ${name}`, () => {
    let engine: TrainingEngine;
    beforeAll(async () => {
      engine = await create();
    });

    describeArithmetic(() => engine);
    describePauses(() => engine);
    describeCourse(() => engine);
  });
}
