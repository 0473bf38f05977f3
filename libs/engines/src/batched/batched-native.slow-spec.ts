import { describeBatchedTraining } from '../conformance/batched-conformance';
import { batchedEngine } from '../conformance/batched-engine';
import { describeEngine } from '../conformance/engine-conformance';
import { nativeBinding } from '../conformance/native-binding';

jest.setTimeout(600_000);

describeEngine('batched on the native binding', () => batchedEngine('native', nativeBinding()));
describeBatchedTraining('native', nativeBinding);
