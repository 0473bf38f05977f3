module.exports = { preset: '../../jest.preset.js', displayName: 'sql', rootDir: __dirname };
