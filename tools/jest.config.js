const preset = require('../jest.preset.js');

module.exports = {
  preset: '../jest.preset.js',
  displayName: 'tools',
  rootDir: __dirname,
  // Tools run as they are, as ES modules; Jest below Node 24.9 needs CommonJS.
  transform: {
    '^.+/tools/.+\\.mjs$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: { target: 'es2022', parser: { syntax: 'ecmascript' } },
        module: { type: 'commonjs', ignoreDynamic: false },
        sourceMaps: 'inline',
      },
    ],
    ...preset.transform,
  },
};
