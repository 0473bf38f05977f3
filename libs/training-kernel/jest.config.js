module.exports = { preset: '../../jest.preset.js', displayName: 'training-kernel', rootDir: __dirname };
