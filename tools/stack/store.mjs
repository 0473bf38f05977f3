import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { weedBinary } from './binaries.mjs';

/**
 * The only key pair: full rights on every bucket.
 *
 * @param {{accessKey?: string, secretKey?: string}} secrets
 */
export function storeIdentities({ accessKey, secretKey }) {
  const actions = ['Admin', 'Read', 'List', 'Tagging', 'Write'];
  return { identities: [{ name: 'factory', credentials: [{ accessKey, secretKey }], actions }] };
}

/** SeaweedFS as an S3 store in a single process. @type {import('./server.mjs').Server} */
export const store = {
  role: 'store',
  title: 'SeaweedFS',
  ports: ['s3', 's3Grpc', 'master', 'masterGrpc', 'volume', 'volumeGrpc', 'filer', 'filerGrpc'],
  secrets: ['accessKey', 'secretKey'],
  takes: ['S3_REGION', 'S3_PREFIX'],
  needs: ['S3_ENDPOINT', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY', 'S3_BUCKET'],
  binary: weedBinary,

  environment: ({ ports, secrets }) => ({
    S3_ENDPOINT: `http://127.0.0.1:${ports.s3}`,
    S3_REGION: 'us-east-1',
    S3_ACCESS_KEY_ID: secrets.accessKey ?? '',
    S3_SECRET_ACCESS_KEY: secrets.secretKey ?? '',
    S3_BUCKET: 'propensity',
    S3_PREFIX: 'factory',
  }),

  async command({ folder, binary, ports, secrets }) {
    mkdirSync(join(folder, 'data'), { recursive: true });
    const identities = join(folder, 'identities.json');
    writeFileSync(identities, JSON.stringify(storeIdentities(secrets), null, 2), { mode: 0o600 });
    return {
      file: binary,
      args: [
        'server',
        `-dir=${join(folder, 'data')}`,
        '-ip=127.0.0.1',
        '-ip.bind=127.0.0.1',
        `-master.port=${ports.master}`,
        `-master.port.grpc=${ports.masterGrpc}`,
        '-master.telemetry=false',
        // After a kill the only master waits this long before it re-elects itself (default 10 s).
        '-master.electionTimeout=1s',
        '-master.volumeSizeLimitMB=256',
        `-volume.port=${ports.volume}`,
        `-volume.port.grpc=${ports.volumeGrpc}`,
        '-volume.max=40',
        '-volume.preStopSeconds=0',
        `-filer.port=${ports.filer}`,
        `-filer.port.grpc=${ports.filerGrpc}`,
        // Relative to the server's own folder: a socket's full path may not be longer than 107 bytes.
        '-filer.localSocket=filer.sock',
        '-s3',
        `-s3.port=${ports.s3}`,
        `-s3.port.grpc=${ports.s3Grpc}`,
        '-s3.port.iceberg=0',
        '-s3.port.lance=0',
        '-s3.localSocket=s3.sock',
        `-s3.config=${identities}`,
      ],
    };
  },

  /** An orderly stop takes SeaweedFS 15 s; not worth the wait if the data are deleted as well. */
  graceOnDownMs: 500,

  /** Sockets that SeaweedFS creates at fixed paths and leaves behind. */
  leftovers: ({ ports }) =>
    ['s3', 'master', 'volume', 'filer'].map(
      (part) => `/tmp/seaweedfs-${part}-grpc-${ports[`${part}Grpc`]}.sock`,
    ),

  /** Ready once an object can be written: the bucket responds a few seconds before its first volume. */
  async ready({ env }) {
    // This is only a warning about the Node version.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
    const { S3Client, CreateBucketCommand, HeadBucketCommand, PutObjectCommand, DeleteObjectCommand } =
      await import('@aws-sdk/client-s3');
    const client = new S3Client({
      endpoint: env.S3_ENDPOINT ?? '',
      region: env.S3_REGION ?? 'us-east-1',
      credentials: {
        accessKeyId: env.S3_ACCESS_KEY_ID ?? '',
        secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '',
      },
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    const Bucket = env.S3_BUCKET;
    const limit = () => ({ abortSignal: AbortSignal.timeout(5_000) });
    try {
      await client.send(new HeadBucketCommand({ Bucket }), limit()).catch((error) => {
        if (error.$metadata?.httpStatusCode !== 404) throw error;
        return client.send(new CreateBucketCommand({ Bucket }), limit());
      });
      const probe = { Bucket, Key: `${env.S3_PREFIX}/ready` };
      await client.send(new PutObjectCommand({ ...probe, Body: 'ready' }), limit());
      await client.send(new DeleteObjectCommand(probe), limit());
    } finally {
      client.destroy();
    }
  },
};
