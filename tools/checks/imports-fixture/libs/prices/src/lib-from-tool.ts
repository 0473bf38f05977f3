export { press } from '../../../tools/press/press.mjs';
