module.exports = { preset: '../../jest.preset.js', displayName: 'logistic', rootDir: __dirname };
