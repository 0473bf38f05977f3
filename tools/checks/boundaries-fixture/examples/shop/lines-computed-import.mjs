const name = 'cli';

export const one = await import(new URL('../../apps/cli/src/main.ts', import.meta.url).href); // refused
export const two = await import(`../../apps/${name}/src/main.ts`); // refused
export const three = await import(name); // refused
export const others = await import('node:fs');
