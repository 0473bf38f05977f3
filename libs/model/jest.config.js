module.exports = { preset: '../../jest.preset.js', displayName: 'model', rootDir: __dirname };
