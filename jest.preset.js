// Nest 12 ships ES modules only, which Jest cannot require below Node 24.9: they are compiled to CommonJS here.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const swc = JSON.parse(readFileSync(join(__dirname, '.swcrc'), 'utf8'));
/** The libs as tsconfig.base.json names them. */
const { paths } = JSON.parse(readFileSync(join(__dirname, 'tsconfig.base.json'), 'utf8')).compilerOptions;
const aliases = Object.fromEntries(
  Object.entries(paths).map(([name, [file]]) => [`^${name}$`, join(__dirname, file)]),
);

const esmPackages = [
  '@nestjs/',
  'file-type/',
  'load-esm/',
  'strtok3/',
  'token-types/',
  '@tokenizer/',
  'uint8array-extras/',
  '@borewit/',
].join('|');

module.exports = {
  testEnvironment: 'node',
  testMatch: [
    '<rootDir>/src/**/*.spec.ts',
    '<rootDir>/src/**/*.int-spec.ts',
    '<rootDir>/src/**/*.e2e-spec.ts',
    '<rootDir>/src/**/*.slow-spec.ts',
  ],
  moduleFileExtensions: ['ts', 'mjs', 'js', 'json', 'node'],
  coverageProvider: 'v8',
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }],
    'node_modules/.+\\.m?js$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { target: 'es2022', parser: { syntax: 'ecmascript' }, keepClassNames: true },
        module: { type: 'commonjs' },
        sourceMaps: false,
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages}))`],
  moduleNameMapper: aliases,
};
