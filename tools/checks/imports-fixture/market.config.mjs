export { TILL } from './apps/till/src/main';
