module.exports = { preset: '../../jest.preset.js', displayName: 'source', rootDir: __dirname };
