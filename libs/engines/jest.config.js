module.exports = { preset: '../../jest.preset.js', displayName: 'engines', rootDir: __dirname };
