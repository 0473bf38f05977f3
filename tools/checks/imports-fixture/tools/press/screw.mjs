export const screw = 1;
