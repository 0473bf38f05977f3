import { serveTasks } from '@factory/task-thread';
import { judgeCandidate } from './judge-candidate';

serveTasks({ judgeCandidate });
