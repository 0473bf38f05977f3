import { BadInputsError } from '@factory/domain';
import { testServers } from './test-servers';

const complete = {
  NATS_URL: 'nats://127.0.0.1:4222',
  FACTORY_DATABASE_URL: 'mysql://factory:secret@127.0.0.1:3306/factory',
  SOURCE_ADMIN_URL: 'mysql://source_admin:secret@127.0.0.1:3306/shop',
  S3_ENDPOINT: 'http://127.0.0.1:8333',
  S3_ACCESS_KEY_ID: 'key',
  S3_SECRET_ACCESS_KEY: 'secret',
  S3_BUCKET: 'propensity',
};

describe('testServers', () => {
  it('reads every address from the environment', () => {
    expect(testServers(complete)).toEqual({
      natsUrl: complete.NATS_URL,
      databaseUrl: complete.FACTORY_DATABASE_URL,
      sourceAdminUrl: complete.SOURCE_ADMIN_URL,
      store: {
        endpoint: complete.S3_ENDPOINT,
        region: 'us-east-1',
        accessKeyId: 'key',
        secretAccessKey: 'secret',
        bucket: 'propensity',
      },
    });
  });

  it('names all missing variables at once', () => {
    const read = () => testServers({ ...complete, NATS_URL: undefined, S3_BUCKET: '' });
    expect(read).toThrow(BadInputsError);
    expect(read).toThrow(/NATS_URL.*\n.*S3_BUCKET/);
  });
});
