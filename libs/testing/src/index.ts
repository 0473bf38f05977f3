export { testServers, type TestServers } from './test-servers';
export { createTestShop, type TestShop } from './test-shop';
