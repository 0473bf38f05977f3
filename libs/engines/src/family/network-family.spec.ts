import { SMALL } from '../conformance/conformance-cases';
import { describeFamily } from '../conformance/family-conformance';
import { createKernelEngine } from '../kernel/kernel-engine';
import { networkFamily } from './network-family';

describeFamily(
  'network',
  () => Promise.resolve(networkFamily(createKernelEngine('auto', () => performance.now()))),
  {
    family: 'network',
    settings: { ...SMALL, dropout1: 0.2, dropout2: 0.1, learningRate: 0.01, batchSize: 32, epochs: 12 },
  },
);
