import { connectLedger, migrateLedger } from '@factory/ledger';
import {
  configuredBroker,
  freshDatabase,
  testServers,
  type ConfiguredBroker,
  type FreshDatabase,
} from '@factory/testing';
import { specCli } from '../spec-kit/spec-cli';

jest.setTimeout(60_000);

describe('a broker without what the factory needs', () => {
  let ledger: FreshDatabase;
  let off: ConfiguredBroker;
  let empty: ConfiguredBroker;

  beforeAll(async () => {
    ledger = await freshDatabase();
    const dataSource = await connectLedger(ledger.url);
    await migrateLedger(dataSource);
    await dataSource.destroy();
    off = await configuredBroker('');
    empty = await configuredBroker('jetstream { store_dir: "$STORE" }');
  });
  afterAll(() => Promise.all([ledger.dispose(), off.dispose(), empty.dispose()]));

  const cliOf = ({ url }: ConfiguredBroker) => {
    const { store } = testServers();
    return specCli({
      NATS_URL: url,
      FACTORY_DATABASE_URL: ledger.url,
      S3_ENDPOINT: store.endpoint,
      S3_REGION: store.region,
      S3_ACCESS_KEY_ID: store.accessKeyId,
      S3_SECRET_ACCESS_KEY: store.secretAccessKey,
      S3_BUCKET: store.bucket,
    });
  };

  it.each(['provision', 'dead list', 'dead show 1', 'dead replay 1', 'retrain --wait'])(
    'JetStream off: `%s` says so in one line, and what to do',
    async (command) => {
      const { code, stderr, stdout } = await cliOf(off).run(...command.split(' '));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /^(no sources.yaml[^\n]*\n)?error \(jetstream-off\): NATS server = "no JetStream": start nats-server with -js[^\n]*\n$/,
      );
    },
  );

  it.each(['dead list', 'dead show 1', 'dead replay 1', 'retrain --wait'])(
    'no streams: `%s` names the stream and `factory provision` in one line',
    async (command) => {
      const { code, stderr, stdout } = await cliOf(empty).run(...command.split(' '));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /^(no sources.yaml[^\n]*\n)?error \(not-provisioned\): [^\n]*stream[^\n]*`factory provision`[^\n]*\n$/,
      );
    },
  );

  it("more replicas than brokers: one line with the broker's message", async () => {
    const { code, stderr } = await cliOf(empty).run('provision', '--replicas', '3');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error \(broker-refused-request\): the broker refuses \([^\n]*replicas[^\n]*\)[^\n]*\n$/,
    );
  });
});
