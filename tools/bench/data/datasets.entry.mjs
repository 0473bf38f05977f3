// The part that needs the factory's own code: bundled before it is loaded.
export { realDataset } from './real-dataset.mjs';
export { syntheticDataset } from './synthetic-dataset.mjs';
export { writeMatrix } from './write-matrix.mjs';
