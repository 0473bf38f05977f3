// What needs the factory's own code: packed before it is loaded.
export { realDataset } from './real-dataset.mjs';
export { syntheticDataset } from './synthetic-dataset.mjs';
export { writeMatrix } from './write-matrix.mjs';
