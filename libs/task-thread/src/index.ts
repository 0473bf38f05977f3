export { TaskThread, type Tasks } from './task-thread';
export { serveTasks } from './serve-tasks';
