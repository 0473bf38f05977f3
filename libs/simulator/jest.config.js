module.exports = { preset: '../../jest.preset.js', displayName: 'simulator', rootDir: __dirname };
