import { serveTasks } from '@factory/task-thread';
import { planningTasks } from './planning-tasks';

serveTasks(planningTasks);
