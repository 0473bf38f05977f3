export const DRAWER = 1;
