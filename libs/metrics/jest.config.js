module.exports = { preset: '../../jest.preset.js', displayName: 'metrics', rootDir: __dirname };
