import { decodeModel, decodeModelFiles } from '../families';
import type { ModelFile } from '../predictor';
import { LogisticModel } from './logistic-model';

const model = new LogisticModel({ weights: Float64Array.of(0.5, -2, 1 / 3), intercept: -1.25 });
const row = Float32Array.of(2, 0.5, 3);
const LOGIT = -1.25 + 1 - 1 + 1;

describe('a logistic regression', () => {
  it('adds its weights up', () => {
    expect(model.logit(row)).toBeCloseTo(LOGIT, 12);
    expect([...model.logits(Float32Array.of(0, 0, 0, ...row), 2, 3)]).toEqual([-1.25, model.logit(row)]);
    expect([model.inputs, model.parameters]).toEqual([3, 4]);
  });

  it('has the prior shift in its intercept', () => {
    expect(model.shifted(-2.5).fitted).toEqual({ ...model.fitted, intercept: -3.75 });
  });

  it('is rescaled in weights and intercept', () => {
    const { fitted } = model.rescaled({ slope: 2, bias: 1 });
    expect(fitted).toEqual({ weights: Float64Array.of(1, -4, 2 / 3), intercept: -1.5 });
  });

  it('makes no number of a row that is too short or holds none', () => {
    expect(model.logit(Float32Array.of(1, NaN, 1))).toBeNaN();
    expect(model.logits(row, 2, 3)[1]).toBeNaN();
  });

  it('refuses a row of another width', () => {
    expect(() => model.logit(new Float32Array(2))).toThrow(
      'model inputs = 3: give a model for 2 inputs, with the transform it was fitted on',
    );
  });

  it('is the same bits from a file, and from the files of a bundle', async () => {
    expect(decodeModel('logistic', model.encode())).toEqual(model);
    const files = model.toFiles();
    const read = (file: ModelFile) => Promise.resolve(files.get(file)!);
    expect(await decodeModelFiles('logistic', 'family', read)).toEqual(model);
    expect([...files.keys()]).toEqual(['logistic.json']);
  });

  it('is read from any position in memory', () => {
    const bytes = Buffer.concat([Buffer.alloc(3), model.encode(), Buffer.alloc(5, 'x')]);
    expect(decodeModel('logistic', bytes.subarray(3, -5))).toEqual(model);
  });

  it.each([
    [
      'of another schema',
      (text: string) => text.replace('"schemaVersion":1', '"schemaVersion":2'),
      'newer-version',
    ],
    ['without a number', (text: string) => text.replace('0.5', 'null'), 'invalid-artefact'],
    ['without weights', (text: string) => text.replace(/\[.*\]/, '[]'), 'invalid-artefact'],
    ['that is no JSON', (text: string) => text.slice(0, -4), 'invalid-artefact'],
  ])('is no file %s', (_, change, code) => {
    const changed = Buffer.from(change(model.encode().toString()));
    expect(() => decodeModel('logistic', changed)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
