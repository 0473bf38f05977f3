import { serveTasks } from '@factory/task-thread';
import { buildMatrix } from './build-matrix';
import { fitDataset } from './fit-dataset';

serveTasks({ fitDataset, buildMatrix });
