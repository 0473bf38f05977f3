module.exports = { preset: '../../jest.preset.js', displayName: 'dataset', rootDir: __dirname };
