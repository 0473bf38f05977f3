module.exports = { preset: '../../jest.preset.js', displayName: 'fleet', rootDir: __dirname };
