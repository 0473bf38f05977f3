export const FORGED = 0;
