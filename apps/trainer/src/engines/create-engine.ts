import { BadInputError } from '@factory/domain';
import { createTfjsEngine } from './tfjs-engine';
import type { TrainingEngine } from './training-engine';

/** What the configuration may ask for; `auto` takes the fastest that loads here. */
export const ENGINE_NAMES = ['auto', 'tfjs-native', 'tfjs-wasm', 'tfjs-cpu'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** @throws BadInputError `unknown-engine` */
export function checkEngineName(value: unknown, field = 'engine'): EngineName {
  const known = ENGINE_NAMES.find((name) => name === value);
  if (known) return known;
  throw new BadInputError('unknown-engine', { field, value, todo: `use one of ${ENGINE_NAMES.join(', ')}` });
}

const BACKENDS = { auto: 'auto', 'tfjs-native': 'native', 'tfjs-wasm': 'wasm', 'tfjs-cpu': 'cpu' } as const;

/**
 * @param nowMs a monotonic clock in milliseconds
 * @throws EngineUnavailableError
 */
export function createEngine(name: EngineName, nowMs: () => number): Promise<TrainingEngine> {
  return createTfjsEngine(BACKENDS[name], nowMs);
}
