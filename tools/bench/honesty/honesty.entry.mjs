// The part that needs the factory's own code: bundled before it is loaded.
export { trainHonestly } from './honest-product.mjs';
