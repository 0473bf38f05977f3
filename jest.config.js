// Every project's specs at once. FACTORY_SPECS narrows them to kinds of specs: spec, int-spec, e2e-spec, slow-spec.
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const kinds = (process.env.FACTORY_SPECS ?? 'spec,int-spec,e2e-spec,slow-spec').split(',');

const projects = ['libs', 'apps']
  .flatMap((folder) => readdirSync(join(__dirname, folder)).map((name) => join(__dirname, folder, name)))
  .concat(join(__dirname, 'e2e'), join(__dirname, 'tools'))
  .filter((project) => existsSync(join(project, 'jest.config.js')))
  .map((project) => ({
    ...require(join(project, 'jest.config.js')),
    testMatch: kinds.flatMap((kind) => [`<rootDir>/src/**/*.${kind}.ts`, `<rootDir>/**/*.${kind}.mjs`]),
  }));

// On two cores that others use as well, what takes a second can take ten: only what hangs shall be ended.
module.exports = {
  projects,
  testTimeout: 30_000,
  testSequencer: join(__dirname, 'tools', 'tests', 'longest-first.cjs'),
};
