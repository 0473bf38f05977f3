import { FAMILIES, mostSteps, priorShift, type TrialSettings } from '@factory/domain';
import {
  LOGIT_TOLERANCE,
  MANIFEST_FILE,
  checkGoldenRows,
  decodeModel,
  loadScorer,
  type BundleFile,
  type Predictor,
} from '@factory/model';
import { transformRow } from '@factory/normalisation';
import { crossEntropyOfLogit } from '../binary-cross-entropy';
import type { FamilyTrainingOptions, ModelFamily } from '../family/model-family';
import { familyBundle } from './family-bundle';
import { familyData } from './family-data';

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
    const made = familyData(1_000, 3);
    const { data, columns, transform } = made;
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

    describe('in scoring', () => {
      it('gives a row the same bits alone as among others', () => {
        const logits = logitsOf(model);
        expect(model.inputs).toBe(data.width);
        expect(model.parameters).toBeGreaterThan(0);
        for (let row = 0; row < 50; row++) {
          const vector = data.features.slice(row * data.width, (row + 1) * data.width);
          expect(model.logit(vector)).toBe(logits[row]);
        }
      });

      it('refuses rows of another width, and makes no number of what is none', () => {
        expect(() => model.logits(new Float32Array(data.width + 1), 1, data.width + 1)).toThrow(
          expect.objectContaining({ code: 'width-mismatch' }),
        );
        expect(model.logit(new Float32Array(data.width).fill(NaN))).toBeNaN();
      });

      it('takes the prior shift once, in a copy', () => {
        const shift = priorShift(1, 0.08);
        const [before, after] = [logitsOf(model), logitsOf(model.shifted(shift))];
        after.forEach((logit, row) => expect(logit - before[row]!).toBeCloseTo(shift, 5));
        expect(logitsOf(model)).toEqual(before);
        expect(model.shifted(shift).shifted(-shift).family).toBe(family.name);
      });

      it('is the same bits as a file and back', () => {
        const shifted = model.shifted(-2.5);
        for (const one of [model, shifted]) {
          const back = decodeModel(family.name, one.encode());
          expect(logitsOf(back)).toEqual(logitsOf(one));
          expect([back.family, back.inputs, back.parameters]).toEqual([
            one.family,
            one.inputs,
            one.parameters,
          ]);
          expect(back.encode().equals(one.encode())).toBe(true);
        }
      });

      it('is no file that was cut short', () => {
        const bytes = model.encode();
        expect(() => decodeModel(family.name, bytes.subarray(0, bytes.length - 4))).toThrow(
          expect.objectContaining({ name: 'BadInputError' }),
        );
      });
    });

    describe('in a bundle', () => {
      const shift = -2.5;
      let files: ReadonlyMap<BundleFile, Buffer>;
      beforeAll(() => {
        files = familyBundle(made, trial, model.shifted(shift), shift);
      });

      /** Loads it with some fields of the manifest as given. */
      const load = (fields: object = {}) => {
        const manifest = JSON.parse(files.get(MANIFEST_FILE)!.toString()) as object;
        const changed = Buffer.from(JSON.stringify({ ...manifest, ...fields }));
        return loadScorer((file) => Promise.resolve(file === MANIFEST_FILE ? changed : files.get(file)!));
      };

      it.each([1, 2])('is read in schema %i: its golden rows come out', async (schemaVersion) => {
        const { bundle, scorer } = await load({ schemaVersion });
        expect(bundle.manifest).toMatchObject({
          schemaVersion,
          family: family.name,
          appliedPriorShift: shift,
        });
        expect(checkGoldenRows(bundle.golden, (row) => scorer.score(row))).toEqual([]);
        const exact = logitsOf(model);
        scorer.scoreColumns(columns, data.validationRows).logits.forEach((logit, at) => {
          expect(Math.abs(logit - exact[data.validationRows[at]!]! - shift)).toBeLessThan(LOGIT_TOLERANCE);
        });
      });

      it('has the shift in every output: once more, and every golden row is wrong', async () => {
        const { golden, model: published } = (await load()).bundle;
        const twice = published.shifted(shift);
        const failures = checkGoldenRows(golden, (row) => {
          const logit = twice.logit(transformRow(transform, row));
          return { logit, probability: 1 / (1 + Math.exp(-logit)) };
        });
        expect(failures.filter(({ figure }) => figure === 'logit')).toHaveLength(golden.rows.length);
      });
    });
  });
}
