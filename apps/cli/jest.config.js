module.exports = { preset: '../../jest.preset.js', displayName: 'cli', rootDir: __dirname };
