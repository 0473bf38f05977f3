import { serveTasks } from '@factory/task-thread';
import { datasetTasks } from './dataset-tasks';

serveTasks(datasetTasks);
