module.exports = { preset: '../../jest.preset.js', displayName: 'normalisation', rootDir: __dirname };
