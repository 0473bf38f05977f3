export const PRICE = 1;
