export { TaskThread, type Tasks } from './task-thread';
export { serveTasks } from './serve-tasks';
export { BytePipe, BytePipeReader, type SharedPipe } from './byte-pipe';
export { withPipe, type Piped } from './with-pipe';
export { PipedThread, type PipedBytes } from './piped-thread';
export { ByteOutlet, ByteOutletWriter, withOutlet } from './byte-outlet';
