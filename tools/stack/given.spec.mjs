import { isNewEnough } from './binaries.mjs';
import { givenAddresses } from './given.mjs';
import { ROLES, roleNamed, serverOf } from './servers.mjs';

describe('the choice of a server', () => {
  const s3 = {
    S3_ENDPOINT: 'http://s3',
    S3_ACCESS_KEY_ID: 'id',
    S3_SECRET_ACCESS_KEY: 'secret',
    S3_BUCKET: 'bucket',
  };

  it('is the given one if the environment has all required variables', () => {
    expect(givenAddresses(serverOf('store'), { ...s3, S3_PREFIX: 'mine', HOME: '/root' })).toEqual({
      ...s3,
      S3_PREFIX: 'mine',
    });
    const database = { FACTORY_DATABASE_URL: 'mysql://one', SOURCE_ADMIN_URL: 'mysql://two' };
    expect(givenAddresses(serverOf('database'), database)).toEqual(database);
  });

  it('is not the given one if the environment has no variables, or only optional ones', () => {
    expect(givenAddresses(serverOf('broker'), { NATS_URL: '' })).toBeUndefined();
    expect(givenAddresses(serverOf('store'), { S3_PREFIX: 'mine' })).toBeUndefined();
  });

  it('is refused if the environment has only some of the variables', () => {
    expect(() => givenAddresses(serverOf('store'), { ...s3, S3_BUCKET: '' })).toThrow(/S3_BUCKET not/);
  });

  it('accepts a nats-server with schedules', () => {
    expect(isNewEnough('nats-server: v2.14.0')).toBe(true);
    expect(isNewEnough('nats-server: v3.0.1')).toBe(true);
    expect(isNewEnough('nats-server: v2.13.9')).toBe(false);
    expect(isNewEnough('nats-server: v1.20.0')).toBe(false);
    expect(isNewEnough('no version')).toBe(false);
  });

  it('finds the database that was requested by name', () => {
    expect(serverOf('database', { database: 'mysql' }).title).toBe('MySQL');
    expect(serverOf('database').title).toBe('MariaDB');
  });

  it('knows its roles', () => {
    expect(ROLES.map(roleNamed)).toEqual(['broker', 'database', 'store']);
    expect(() => roleNamed('toString')).toThrow('toString: choose from broker, database, store');
  });
});
