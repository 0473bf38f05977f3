export const COIN = 1;
