import { serveTasks } from '@factory/task-thread';
import { judgingTasks } from './judging-tasks';

serveTasks(judgingTasks);
