import { describeBatchedTraining } from '../conformance/batched-conformance';
import { batchedEngine } from '../conformance/batched-engine';
import { describeEngine } from '../conformance/engine-conformance';

describeEngine('batched on wasm', () => batchedEngine('wasm'));
describeBatchedTraining('wasm');
