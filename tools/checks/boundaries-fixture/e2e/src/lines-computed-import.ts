const name = 'cli';

export const one = import(`../../apps/${name}/src/main.js`); // refused
