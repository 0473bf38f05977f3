import { availableKernels } from '@factory/training-kernel';
import { describeEngine } from '../conformance/engine-conformance';
import { createKernelEngine } from './kernel-engine';

const nowMs = () => performance.now();

describe.each(availableKernels())('kernel build %s', (name) => {
  describeEngine(`kernel-${name}`, () => Promise.resolve(createKernelEngine(name, nowMs)));
});
