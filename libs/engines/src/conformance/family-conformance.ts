import { FAMILIES, mostSteps, type TrialSettings } from '@factory/domain';
import { LOGIT_TOLERANCE, type Predictor } from '@factory/model';
import { crossEntropyOfLogit } from '../binary-cross-entropy';
import type { FamilyTrainingOptions, ModelFamily } from '../family/model-family';
import { familyData } from './family-data';
import { describePredictor } from './predictor-conformance';

/**
 * What every family of models must do, whatever it is made of: learn, repeat, pause, score, travel as a file, and be
 * published. Call it from a spec next to the family.
 *
 * @param create the family; called once
 * @param trial settings with which it learns from a thousand rows within a second, in three steps or more, and with
 *   whatever is random in it (dropout, drawn columns) switched on
 */
export function describeFamily(name: string, create: () => Promise<ModelFamily>, trial: TrialSettings): void {
  describe(`model family ${name}`, () => {
    const { data } = familyData(1_000, 3);
    let family: ModelFamily;
    let model: Predictor;
    const train = (options: Partial<FamilyTrainingOptions> = {}) =>
      family.train(data, trial, { seed: 21, ...options });
    const logitsOf = (of: Predictor) => of.logits(data.features, data.labels.length, data.width);
    beforeAll(async () => {
      family = await create();
      ({ model } = await train());
    });

    describe('in training', () => {
      it('is known by its name, and says what computes', () => {
        expect(FAMILIES).toContain(family.name);
        expect([trial.family, model.family]).toEqual([family.name, family.name]);
        expect(family.engine).toMatch(/^[a-z0-9-]+$/);
      });

      it('learns: validation rows are told apart better than by their base rate', () => {
        const logits = logitsOf(model);
        const { labels, trainRows, validationRows } = data;
        const mean = (rows: Uint32Array, of: (row: number) => number) =>
          rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
        const rate = mean(trainRows, (row) => labels[row]!);
        const loss = (logit: (row: number) => number) =>
          mean(validationRows, (row) => crossEntropyOfLogit(logit(row), labels[row]!));
        const base = loss(() => Math.log(rate / (1 - rate)));
        expect(loss((row) => logits[row]!)).toBeLessThan(0.95 * base);
      });

      it('gives the same bits for the same seed, and others for another', async () => {
        expect((await train()).model.encode().equals(model.encode())).toBe(true);
        expect((await train({ seed: 22 })).model.encode().equals(model.encode())).toBe(false);
      });

      it('goes on from a pause, on another thread too, as if there had been none', async () => {
        const whole = await train();
        const first = await train({ untilEpoch: 1 });
        expect(first).toMatchObject({ epochs: 1, paused: { family: family.name, steps: 1 } });
        const second = await train({ untilEpoch: 2, resumeFrom: structuredClone(first.paused!) });
        const last = await train({ resumeFrom: structuredClone(second.paused!) });
        expect(last.model.encode().equals(whole.model.encode())).toBe(true);
        expect([last.epochs, last.paused]).toEqual([whole.epochs, null]);
        expect(last.history.map(({ validationLoss }) => validationLoss)).toEqual(
          whole.history.map(({ validationLoss }) => validationLoss),
        );
      });

      it('counts its steps, at most as many as its settings say', async () => {
        const { epochs, history, diverged, paused } = await train();
        expect([history.length, diverged, paused]).toEqual([epochs, false, null]);
        expect(epochs).toBeLessThanOrEqual(mostSteps(trial));
        expect(history.map(({ epoch }) => epoch)).toEqual(history.map((_, at) => at + 1));
      });

      it('ends when it is cancelled', async () => {
        await expect(train({ signal: { cancelled: true } })).rejects.toMatchObject({
          code: 'trial-cancelled',
        });
      });

      it('has an engine whose logits are those of the model that it leaves', async () => {
        const rows = data.validationRows.slice().reverse();
        const [quick, exact] = [(await train()).logits(rows), logitsOf(model)];
        expect(quick).toHaveLength(rows.length);
        rows.forEach((row, at) =>
          expect(Math.abs(quick[at]! - exact[row]!)).toBeLessThanOrEqual(LOGIT_TOLERANCE),
        );
      });
    });

    describePredictor(
      async ({ data: rows }) => (await family.train(rows, trial, { seed: 21 })).model,
      trial.settings,
    );
  });
}
