module.exports = { preset: '../../jest.preset.js', displayName: 'registry', rootDir: __dirname };
