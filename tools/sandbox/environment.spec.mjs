import { sandboxEnvironment } from './environment.mjs';

const WHOLE = {
  NATS_URL: 'nats://127.0.0.1:1',
  FACTORY_DATABASE_URL: 'mysql://factory@127.0.0.1:2/factory',
  SOURCE_ADMIN_URL: 'mysql://admin@127.0.0.1:2/shop',
  S3_ENDPOINT: 'http://127.0.0.1:3',
  S3_REGION: 'us-east-1',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'secret',
  S3_BUCKET: 'propensity',
};

it('an environment of a sandbox has every address', () => {
  expect(sandboxEnvironment({ ...WHOLE, PATH: '/bin' })).toEqual({ ...WHOLE, PATH: '/bin' });
});

it('an error names missing addresses', () => {
  const less = { ...WHOLE, NATS_URL: undefined, S3_BUCKET: '' };
  expect(() => sandboxEnvironment(less)).toThrow('the stack did not provide NATS_URL, S3_BUCKET');
});
