module.exports = { preset: '../../jest.preset.js', displayName: 'task-thread', rootDir: __dirname };
