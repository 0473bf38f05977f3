import { serveTasks } from '@factory/task-thread';
import { packingTasks } from './packing-tasks';

serveTasks(packingTasks);
