import { LogisticModel } from '@factory/model';
import { fitLogistic } from '@factory/logistic';
import { denseLayout } from '@factory/normalisation';
import { describePredictor } from '../conformance/predictor-conformance';

describe('logistic regression', () => {
  describePredictor(({ data, transform }) => {
    const { features, width, labels, trainRows } = data;
    const fit = fitLogistic({
      layout: denseLayout(transform),
      rows: trainRows.length,
      goals: trainRows.reduce((sum, row) => sum + labels[row]!, 0),
      blocks: () => [
        {
          rows: trainRows.length,
          features: Float32Array.from(
            Array.from(trainRows, (row) => [...features.subarray(row * width, (row + 1) * width)]).flat(),
          ),
          codes: new Uint16Array(0),
          labels: Uint8Array.from(trainRows, (row) => labels[row]!),
        },
      ],
    });
    if (fit.state !== 'fitted') throw new Error(fit.state);
    return Promise.resolve(new LogisticModel(fit));
  }, {});
});
