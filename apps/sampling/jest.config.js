module.exports = { preset: '../../jest.preset.js', displayName: 'sampling', rootDir: __dirname };
