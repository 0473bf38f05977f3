import { Champions, RunRecord } from '@factory/ledger';
import type { ObjectStore } from '@factory/object-store';
import { OBJECT_STORE } from '@factory/service-kit';
import { StageModule } from '@factory/stage';
import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EvaluateCandidate } from './evaluate-candidate';
import { EvaluationThread } from './evaluation-thread';
import { EvaluatorConsumer } from './evaluator.consumer';

@Module({
  imports: [StageModule],
  controllers: [EvaluatorConsumer],
  providers: [
    EvaluationThread,
    {
      provide: EvaluateCandidate,
      inject: [OBJECT_STORE, EvaluationThread],
      useFactory: (store: ObjectStore, thread: EvaluationThread) =>
        new EvaluateCandidate(store, thread, () => new Date()),
    },
    {
      provide: Champions,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new Champions(dataSource),
    },
    {
      provide: RunRecord,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new RunRecord(dataSource),
    },
  ],
})
export class EvaluatorModule {}
