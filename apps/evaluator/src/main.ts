import 'reflect-metadata';
import { consumerOf } from '@factory/contracts';
import { Slots } from '@factory/messaging';
import { bootService } from '@factory/service-kit';
import { evaluatorConfig } from './evaluator.config';
import { EvaluatorModule } from './evaluator.module';

const consumer = consumerOf('evaluator');

void bootService({
  name: 'evaluator',
  configSchema: evaluatorConfig,
  module: EvaluatorModule,
  bindings: (config) => [{ consumer, pattern: consumer.durable, slots: new Slots(config.CONCURRENCY) }],
});
