module.exports = { preset: '../../jest.preset.js', displayName: 'ledger', rootDir: __dirname };
