module.exports = { preset: '../../jest.preset.js', displayName: 'judgement', rootDir: __dirname };
