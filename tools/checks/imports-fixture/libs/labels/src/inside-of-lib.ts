import { PRICE } from '../../prices/src/index';
import { ONE } from '../../prices/src/circle-one';

export const LABEL = PRICE + ONE;
