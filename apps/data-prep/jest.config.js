module.exports = { preset: '../../jest.preset.js', displayName: 'data-prep', rootDir: __dirname };
