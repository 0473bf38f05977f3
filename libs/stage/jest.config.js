module.exports = { preset: '../../jest.preset.js', displayName: 'stage', rootDir: __dirname };
