import * as tool from '../../../tools/workspace/root.mjs';

export const borrowed = tool;
