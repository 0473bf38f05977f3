module.exports = { preset: '../../jest.preset.js', displayName: 'evaluator', rootDir: __dirname };
