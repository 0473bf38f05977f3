export { PRICE } from '../../libs/prices/src/index';
