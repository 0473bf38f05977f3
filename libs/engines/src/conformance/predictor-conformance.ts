import { priorShift, SCORED_FAMILIES } from '@factory/domain';
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
import { familyBundle } from './family-bundle';
import { familyData, type FamilyData } from './family-data';

/**
 * What the models of every family must do, also of one that no grid trains: score, travel as a file, and be published.
 *
 * @param fit a model to its train rows
 * @param settings what it is fitted with, for its report
 */
export function describePredictor(fit: (made: FamilyData) => Promise<Predictor>, settings: object): void {
  const made = familyData(1_000, 3);
  const { data, columns, transform } = made;
  let model: Predictor;
  const logitsOf = (of: Predictor) => of.logits(data.features, data.labels.length, data.width);
  beforeAll(async () => {
    model = await fit(made);
  });

  describe('in scoring', () => {
    it('gives a row the same bits alone as among others', () => {
      const logits = logitsOf(model);
      expect(SCORED_FAMILIES).toContain(model.family);
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
      expect(model.shifted(shift).shifted(-shift).family).toBe(model.family);
    });

    it('puts its logits on a line, in a copy, and stays on it as a file', () => {
      const line = { slope: 0.7, bias: -0.4 };
      const [before, after] = [logitsOf(model), logitsOf(model.rescaled(line))];
      after.forEach((logit, row) =>
        expect(Math.abs(logit - (0.7 * before[row]! - 0.4))).toBeLessThan(LOGIT_TOLERANCE / 10),
      );
      expect(logitsOf(model)).toEqual(before);
      const back = decodeModel(model.family, model.shifted(-2.5).rescaled(line).encode());
      logitsOf(back).forEach((logit, row) =>
        expect(Math.abs(logit - (0.7 * (before[row]! - 2.5) - 0.4))).toBeLessThan(LOGIT_TOLERANCE / 10),
      );
    });

    it('is the same bits as a file and back', () => {
      const shifted = model.shifted(-2.5);
      for (const one of [model, shifted]) {
        const back = decodeModel(model.family, one.encode());
        expect(logitsOf(back)).toEqual(logitsOf(one));
        expect([back.family, back.inputs, back.parameters]).toEqual([one.family, one.inputs, one.parameters]);
        expect(back.encode().equals(one.encode())).toBe(true);
      }
    });

    it('is no file that was cut short', () => {
      const bytes = model.encode();
      expect(() => decodeModel(model.family, bytes.subarray(0, bytes.length - 4))).toThrow(
        expect.objectContaining({ name: 'BadInputError' }),
      );
    });
  });

  describe('in a bundle', () => {
    const shift = -2.5;
    let files: ReadonlyMap<BundleFile, Buffer>;
    beforeAll(() => {
      files = familyBundle(made, settings, model.shifted(shift), shift);
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
        family: model.family,
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
}
