module.exports = { preset: '../../jest.preset.js', displayName: 'rows', rootDir: __dirname };
