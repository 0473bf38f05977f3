import { RETRAIN_SUBJECT } from '@factory/contracts';
import { independentPython, mustSucceed, repositoryRoot, runProgram, type Factory } from '@factory/testing';
import { join } from 'node:path';

/** Publishes requests with nats-py, plain core publish. */
export async function publishByPython(factory: Factory, ...requests: readonly string[]): Promise<void> {
  const script = join(repositoryRoot(), 'tools', 'e2e', 'publish_request.py');
  const args = [script, factory.env.NATS_URL ?? '', RETRAIN_SUBJECT, ...requests];
  mustSucceed('publish_request.py', await runProgram(independentPython(), args));
}
