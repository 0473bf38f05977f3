import { DRAWER } from '../../till/src/drawer';

export const STOCK = DRAWER;
