import { PRICE } from '../../../libs/prices/src/index';
import { DRAWER } from './drawer';

export const TILL = PRICE + DRAWER;
