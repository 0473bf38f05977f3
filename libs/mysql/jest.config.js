module.exports = { preset: '../../jest.preset.js', displayName: 'mysql', rootDir: __dirname };
