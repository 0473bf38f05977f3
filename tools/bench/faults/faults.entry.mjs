// The part that needs the factory's own code: bundled before it is loaded.
export { championOf, checkRetrain, OUT_OF_TIME_DAYS, WINDOW_DAYS } from './retrain.mjs';
export { PLANTED_FAULTS, simulateSeries } from '@factory/simulator';
