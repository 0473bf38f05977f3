export { syntheticData } from './synthetic-data';
export { nativeBinding } from './native-binding';
