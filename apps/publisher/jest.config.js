module.exports = { preset: '../../jest.preset.js', displayName: 'publisher', rootDir: __dirname };
